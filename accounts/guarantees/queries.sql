-- name: tell
-- What the payer's firm says now; what is older than what is known changes nothing.
insert into accounts.guarantees
  (business_id, id, payer_business_id, payer_name, told_version, shown, created_at, told_at)
values (:business_id, :id, :payer_business_id, :payer_name, :version, :shown, :now, :now)
on conflict (business_id, id) do update
  set told_version = excluded.told_version, shown = excluded.shown, told_at = excluded.told_at
  where guarantees.told_version < excluded.told_version
    and guarantees.payer_business_id = excluded.payer_business_id;

-- name: guarantee
-- One agreement as the beneficiary was told of it.
select id, payer_name, created_at, told_at, shown
from accounts.guarantees where business_id = :business_id and id = :id;

-- name: guarantees_page
-- Newest first; one row more than the page.
select id, payer_name, created_at, told_at, shown
from accounts.guarantees
where business_id = :business_id
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc limit :limit::int + 1;

-- name: told
-- Whose agreement it is.
select id, payer_business_id from accounts.guarantees
where business_id = :business_id and id = :id;

-- name: add_word
-- The beneficiary's word, before anybody has heard it.
insert into accounts.guarantee_words
  (business_id, id, guarantee_id, word, milestone_no, amount_fen, reason, said_by, said_at)
values
  (:business_id, :id, :guarantee_id, :word, :milestone_no, :amount_fen, :reason, :person_id, :now);

-- name: word
-- What was said.
select id, guarantee_id, word, milestone_no, amount_fen, reason, said_at
from accounts.guarantee_words where business_id = :business_id and id = :id;
