-- name: add
-- Once per reference: found again it is the same item.
insert into accounts.unapplied_credits
  (business_id, id, reference, moved_on, amount_fen, why, details_sealed, difference_id, found_at)
values (:business_id, :id, :reference, :moved_on, :amount_fen, :why, :details_sealed,
        :difference_id, :now)
on conflict (business_id, reference) do nothing;

-- name: item
-- One item as it stands.
select id, reference, moved_on, amount_fen, why, state, wanted, wanted_why, to_business_id,
       to_account_id, to_number_tail, difference_id, proposed_by, proposed_at, agreed_by, agreed_at,
       answer, return_id, returned_on, found_at, done_at, version
from accounts.unapplied_credits where business_id = :business_id and id = :id;

-- name: lock_item
-- One step at a time.
select id, reference, moved_on, amount_fen, why, state, wanted, wanted_why, to_business_id,
       to_account_id, to_number_tail, difference_id, proposed_by, proposed_at, agreed_by, agreed_at,
       answer, return_id, returned_on, found_at, done_at, version
from accounts.unapplied_credits where business_id = :business_id and id = :id for no key update;

-- name: of_reference
-- The item of a reference, whoever found it first.
select id from accounts.unapplied_credits
where business_id = :business_id and reference = :reference;

-- name: details
-- What the sender wrote, sealed.
select details_sealed from accounts.unapplied_credits where business_id = :business_id and id = :id;

-- name: origin
-- A difference between the two sides, to be taken into suspense.
select id, reconciled_on, direction, reference, our_fen, their_fen, state
from accounts.differences where id = :id;

-- name: propose
-- One person's word; an earlier proposal nobody agreed to is replaced.
update accounts.unapplied_credits
set wanted = :wanted, wanted_why = :reason, to_business_id = :to_business_id,
    to_account_id = :to_account_id, to_number_tail = :to_number_tail, proposed_by = :staff_id,
    proposed_at = :now, answer = '', version = version + 1
where business_id = :business_id and id = :id;

-- name: agree
-- Another person's word.
update accounts.unapplied_credits
set agreed_by = :staff_id, agreed_at = :now, version = version + 1
where business_id = :business_id and id = :id;

-- name: clear
-- Nothing is proposed any more, with the reason: turned down, or it could not be done.
update accounts.unapplied_credits
set wanted = null, wanted_why = null, to_business_id = null, to_account_id = null,
    to_number_tail = null, proposed_by = null, proposed_at = null, agreed_by = null,
    agreed_at = null, answer = :answer, return_id = null, ask_at = null, version = version + 1
where business_id = :business_id and id = :id;

-- name: suspended
-- It lies in suspense; what was agreed is done.
update accounts.unapplied_credits
set state = 'suspended', wanted = null, wanted_why = null, proposed_by = null, proposed_at = null,
    agreed_by = null, agreed_at = null, version = version + 1
where business_id = :business_id and id = :id;

-- name: booked
-- It found its account by the ordinary way.
update accounts.unapplied_credits
set state = 'booked', wanted = null, wanted_why = null, proposed_by = null, proposed_at = null,
    agreed_by = null, agreed_at = null, done_at = :now, version = version + 1
where business_id = :business_id and id = :id;

-- name: assigned
-- It is on the account that two people found to be the right one.
update accounts.unapplied_credits set state = 'assigned', done_at = :now, version = version + 1
where business_id = :business_id and id = :id;

-- name: sending
-- Before a return leaves the bank: under which reference, and when it is asked about.
update accounts.unapplied_credits set return_id = :return_id, ask_at = :ask_at, asked = 0
where business_id = :business_id and id = :id;

-- name: returned
-- The clearing house has paid it back.
update accounts.unapplied_credits
set state = 'returned', returned_on = :returned_on, done_at = :now, ask_at = null,
    version = version + 1
where business_id = :business_id and id = :id;

-- name: returning
-- The item whose return a reference is, of those without an outcome.
select id from accounts.unapplied_credits
where business_id = :business_id and return_id::text = :reference and state = 'suspended';

-- name: take_due
-- Returns whose outcome is overdue, put off ever longer: one question is under way.
update accounts.unapplied_credits
set asked = asked + 1,
    ask_at = :now::timestamptz + make_interval(secs => least(3600, 30 * 2 ^ least(asked, 10)))
where business_id = :business_id and id in (
  select id from accounts.unapplied_credits
  where business_id = :business_id and ask_at <= :now order by ask_at, id limit 500
  for no key update skip locked)
returning id;

-- name: page
-- The desk's queue, oldest first; one row more than the page.
select id, reference, moved_on, amount_fen, why, state, wanted, wanted_why, to_business_id,
       to_account_id, to_number_tail, difference_id, proposed_by, proposed_at, agreed_by, agreed_at,
       answer, return_id, returned_on, found_at, done_at, version
from accounts.unapplied_credits
where business_id = :business_id
  and (:open::boolean = (state in ('found', 'suspended')))
  and (:after_at::timestamptz is null or (found_at, id) > (:after_at, :after_id::uuid))
order by found_at, id limit :most::int + 1;
