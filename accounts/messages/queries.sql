-- name: keep
-- Append-only; the same words about the same thing are kept once.
insert into accounts.messages
  (business_id, id, subject_id, direction, definition, reference, sealed, sha256, at)
values
  (:business_id, :id, :subject_id, :direction, :definition, :reference, :sealed, :sha256, :now)
on conflict (business_id, subject_id, direction, sha256) do nothing;

-- name: sent
-- What went out about something, to be sent again word for word.
select id, subject_id, direction, definition, reference, sealed, at
from accounts.messages
where business_id = :business_id and subject_id = :subject_id and direction = 'out'
order by at, id limit 1;

-- name: about
-- Every message about one payment, credit or recall, in the order in which they came.
select id, subject_id, direction, definition, reference, sealed, at
from accounts.messages where business_id = :business_id and subject_id = :subject_id
order by at, id;
