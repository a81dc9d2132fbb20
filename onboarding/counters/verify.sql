-- name: queue_number_given_twice
-- A number of a branch's day is one customer's.
select v.branch, v.queue_number, (v.checked_in_at at time zone 'Asia/Shanghai')::date as on_date
from onboarding.visits v where v.queue_number is not null and v.queue_number <> 'A000'
group by 1, 2, 3 having count(*) > 1;

-- name: number_beyond_the_last
-- No customer has a number that the branch has not given yet.
select v.business_id, v.id, v.queue_number
from onboarding.visits v
left join onboarding.branch_days d on d.branch = v.branch
  and d.on_date = (v.checked_in_at at time zone 'Asia/Shanghai')::date
where v.queue_number is not null and v.queue_number <> 'A000'
  and coalesce(d.last_number, 0) < substr(v.queue_number, 2)::int;

-- name: one_teller_two_customers
-- A teller serves one customer at a time.
select called_by from onboarding.visits where state = 'serving'
group by called_by having count(*) > 1;
