-- name: assign
-- Cases of many firms on one desk; the function answers what became of each.
select review_id, outcome from onboarding.assign_reviews(
  :review_ids::uuid[], :to::uuid, :branch::text, :now);

-- name: escalations
-- What was late, the latest first; a page goes on before a key.
select e.review_id, r.account_name, e.branch, e.due_at, e.at, e.was_with, r.assigned_to, r.state
from onboarding.escalations e
join onboarding.reviews r on r.business_id = e.business_id and r.id = e.review_id
where (e.at, e.review_id) < (:at::timestamptz, :review_id::uuid)
  and (:branch::text is null or e.branch = :branch)
order by e.at desc, e.review_id desc limit :most;

-- name: application_of
-- Whose progress tells that it takes longer.
select application_id from onboarding.reviews where business_id = :business_id and id = :id;

-- name: counted
-- The queue now and what was decided in a period, in one pass over each.
select o.*, d.*
from (
  select count(*)::int as open,
    count(*) filter (where waiting_since is null and assigned_to is null
      and (claimed_by is null or lease_until <= :now))::int as free,
    count(*) filter (where lease_until > :now)::int as claimed,
    count(*) filter (where assigned_to is not null)::int as assigned,
    count(*) filter (where waiting_since is not null)::int as waiting,
    count(*) filter (where waiting_since is null and due_at <= :now)::int as late,
    percentile_disc(0.5) within group (order by age) as age_minutes_50,
    percentile_disc(0.9) within group (order by age) as age_minutes_90,
    percentile_disc(0.99) within group (order by age) as age_minutes_99,
    min(opened_at) as oldest_at
  from (
    select *, (extract(epoch from :now - opened_at) / 60)::int as age
    from onboarding.reviews
    where state = 'open' and (:branch::text is null or branch = :branch)
  ) r
) o, (
  select count(*) filter (where state = 'approved')::int as approved,
    count(*) filter (where state = 'refused')::int as refused,
    count(*) filter (where state = 'returned')::int as returned,
    count(*) filter (where decided_at > due_at)::int as decided_late,
    percentile_disc(0.5) within group (order by took) as took_minutes_50,
    percentile_disc(0.9) within group (order by took) as took_minutes_90,
    count(*) filter (where round = 1)::int as first_rounds,
    count(*) filter (where round = 1 and state = 'approved')::int as first_rounds_approved
  from (
    select *, (extract(epoch from decided_at - opened_at) / 60)::int as took
    from onboarding.reviews
    where state in ('approved', 'refused', 'returned')
      and decided_at >= :from_at::timestamptz and decided_at < :until_at::timestamptz
      and (:branch::text is null or branch = :branch)
  ) r
) d;
