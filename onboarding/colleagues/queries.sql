-- name: colleagues
-- Who reviews for a branch (or for the whole bank), what lies with them, and who is away.
select s.id as staff_id, s.username, s.role, s.branch,
  (select count(*)::int from onboarding.reviews r
   where r.state = 'open' and r.assigned_to = s.id) as assigned,
  (select count(*)::int from onboarding.reviews r
   where r.state = 'open' and r.claimed_by = s.id and r.lease_until > :now) as claimed,
  a.until_at as away_until, a.stand_in
from identity.staff s
left join lateral (
  select until_at, stand_in from onboarding.staff_absences a
  where a.staff_id = s.id and a.from_at <= :now and a.until_at > :now
  order by a.until_at desc limit 1
) a on true
where s.state = 'active' and s.role in ('reviewer', 'supervisor')
  and (s.branch = any(:branches::text[]) or :everywhere::boolean)
order by s.username;

-- name: declare_interest
-- A member of staff says that a firm is too near.
insert into onboarding.staff_interests (staff_id, uscc, reason, declared_at)
values (:staff_id, :uscc, :reason, :now)
on conflict (staff_id, uscc) do nothing;

-- name: interest
-- The interest as first declared.
select staff_id, uscc, declared_at from onboarding.staff_interests
where staff_id = :staff_id and uscc = :uscc;

-- name: interests
-- What one member of staff has declared.
select staff_id, uscc, declared_at from onboarding.staff_interests
where staff_id = :staff_id order by declared_at, uscc limit 200;

-- name: add_relative
-- A relative by a blind mark of the number; declared again it stays as it is.
insert into onboarding.staff_relatives (staff_id, mark, relation, declared_at)
values (:staff_id, :mark, :relation, :now)
on conflict (staff_id, mark) do nothing;

-- name: relative
-- The relative as first declared.
select relation, declared_at from onboarding.staff_relatives
where staff_id = :staff_id and mark = :mark;

-- name: relatives
-- What one member of staff has declared, without whom.
select relation, declared_at from onboarding.staff_relatives
where staff_id = :staff_id order by declared_at limit 200;

-- name: add_absence
-- Somebody is away.
insert into onboarding.staff_absences (staff_id, id, stand_in, from_at, until_at, declared_at)
values (:staff_id, :id, :stand_in, :from_at, :until_at, :now);

-- name: absences
-- Who is or will be away: a list of people, not of cases.
select id, staff_id, stand_in, from_at, until_at from onboarding.staff_absences
where until_at > :now order by from_at, id limit 500;

-- name: end_absence
-- Back before its time, or not away at all.
update onboarding.staff_absences set until_at = greatest(:now, from_at + interval '1 second')
where staff_id = :staff_id and id = :id and until_at > :now;
