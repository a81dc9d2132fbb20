-- name: second_person_rule
-- The firm's own rule, if it set one.
select outside_above_fen, in_bank_above_fen, version
from accounts.second_person_rules where business_id = :business_id;

-- name: begin_second_person_rule
-- The firm's first own rule; a concurrent first one wins and is found changed.
insert into accounts.second_person_rules
  (business_id, outside_above_fen, in_bank_above_fen, version)
values (:business_id, :outside_above_fen, :in_bank_above_fen, 1)
on conflict (business_id) do nothing;

-- name: change_second_person_rule
-- Only the version that was seen is replaced.
update accounts.second_person_rules
set outside_above_fen = :outside_above_fen, in_bank_above_fen = :in_bank_above_fen,
    version = version + 1
where business_id = :business_id and version = :version;
