-- name: duplicates_asked_about_on_the_lane
-- The lane hands over what monitors examine and asks nothing itself, so the question must begin
-- at an amount that it hands over.
select d.valid, d.value ->> 'from_fen' as from_fen, m.value ->> 'examined_from_fen' as examined
from accounts.policies d
join accounts.policies m on m.kind = 'monitors.terms' and m.valid && d.valid
where d.kind = 'payments.duplicates'
  and (d.value ->> 'from_fen')::bigint < (m.value ->> 'examined_from_fen')::bigint;
