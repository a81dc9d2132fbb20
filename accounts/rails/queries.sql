-- name: terms
-- The terms of every system that hold on some day of the span.
select rail, lower(valid) as from_on, upper(valid) as until_on, terms
from accounts.rails where valid && daterange(:today, :until_on::date);
