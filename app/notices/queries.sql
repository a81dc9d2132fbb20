-- name: add_notice
-- Told once, however often the job repeats.
insert into core.notices (business_id, id, kind, about, roles, people, text, at)
values (:business_id, :id, :kind, :about, :roles, :people, :text, :now)
on conflict (business_id, id) do nothing;

-- name: notices
-- What a member was told, newest first: by role, or by name.
select n.id, n.kind, n.about, n.text, n.at,
  n.at > coalesce(s.seen_until, '-infinity'::timestamptz) as unread
from core.notices n
left join core.notices_seen s on s.business_id = n.business_id and s.person_id = :person_id
where n.business_id = :business_id and (:role = any(n.roles) or :person_id = any(n.people))
  and (n.at, n.id) < (:before_at, :before_id)
order by n.at desc, n.id desc limit :most;

-- name: unread
-- How many of the newest hundred a member has not seen.
select count(*)::int from (
  select from core.notices n
  where n.business_id = :business_id and (:role = any(n.roles) or :person_id = any(n.people))
    and n.at > coalesce((select s.seen_until from core.notices_seen s
                         where s.business_id = :business_id and s.person_id = :person_id),
                        '-infinity'::timestamptz)
  limit 100) newest;

-- name: see
-- A member has looked; the mark only moves forward.
insert into core.notices_seen as s (business_id, person_id, seen_until)
values (:business_id, :person_id, least(:until::timestamptz, :now::timestamptz))
on conflict (business_id, person_id) do update
  set seen_until = greatest(s.seen_until, excluded.seen_until);
