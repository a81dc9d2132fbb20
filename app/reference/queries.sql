-- name: values_on
-- The rows of several kinds in force on a day, in one trip.
select kind, region, lower(valid) as from_on, upper(valid) as until_on, value, source
from reference.statutory_values
where kind = any(:kinds::text[]) and region = :region and valid @> :on::date;

-- name: special_days
-- Holidays and make-up working days of a span.
select day, kind from reference.special_days where day >= :from_on and day < :until_on;

-- name: deadlines
-- Published filing deadlines of the months of a span.
select month_on, due_on from reference.filing_deadlines
where month_on >= :from_on and month_on < :until_on;
