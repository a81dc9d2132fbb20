-- name: usage_differs_from_the_days_payments
-- What is used of a person's day is the sum of the payments counted on that day.
select l.business_id, l.person_id, l.day, l.used_fen, coalesce(p.counted_fen, 0) as counted_fen
from accounts.person_limits l
left join lateral (
  select sum(amount_fen)::bigint as counted_fen from accounts.payments p
  where p.business_id = l.business_id and p.made_by = l.person_id and p.limit_used_on = l.day
) p on true
where l.used_fen <> coalesce(p.counted_fen, 0);

-- name: device_usage_differs_from_the_days_payments
-- What is used of a device's day is the sum of the payments counted through it on that day.
select l.business_id, l.person_id, l.session_id
from accounts.device_limits l
left join lateral (
  select sum(amount_fen)::bigint as counted_fen from accounts.payments p
  where p.business_id = l.business_id and p.made_by = l.person_id
    and p.limit_session = l.session_id and p.limit_used_on = l.day
) p on true
where l.used_fen <> coalesce(p.counted_fen, 0);
