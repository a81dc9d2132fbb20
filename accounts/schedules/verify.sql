-- name: schedule_date_without_its_payment
-- A date that was paid has its payment, made under the key of that date.
select r.business_id, r.schedule_id, r.nominal_on
from accounts.schedule_runs r
left join accounts.payments p
  on p.business_id = r.business_id and p.id = r.payment_id
  and p.key like 'schedule:' || r.schedule_id || ':' || r.nominal_on || ':%'
where r.state = 'made' and p.id is null;

-- name: schedule_date_paid_twice
-- No date of a schedule has two payments that went through.
select p.business_id, split_part(p.key, ':', 2) as schedule_id, split_part(p.key, ':', 3) as day
from accounts.payments p
where p.key like 'schedule:%' and p.state not in ('refused', 'rejected', 'cancelled', 'failed')
group by p.business_id, split_part(p.key, ':', 2), split_part(p.key, ':', 3)
having count(*) > 1;
