-- name: add_escrow
-- The agreement as offered.
insert into accounts.escrows
  (business_id, id, mode, made_by, account_id, escrow_account_id, title, amount_fen,
   beneficiary_business_id, beneficiary_name, beneficiary_account_id, beneficiary_sealed,
   release_rule, objection_days, expires_at, state, look_at, created_at)
values
  (:business_id, :id, :mode, :person_id, :account_id, :escrow_account_id, :title, :amount_fen,
   :beneficiary_business_id, :beneficiary_name, :beneficiary_account_id, :beneficiary_sealed,
   :release_rule, :objection_days, :expires_at, 'proposed', :expires_at, :now);

-- name: add_milestones
-- All parts at once.
insert into accounts.escrow_milestones
  (business_id, escrow_id, no, title, amount_fen, due_on, purpose, payee_name, payee_sealed,
   payee_account_tail, payee_bank_code)
select :business_id, :escrow_id, m.no, m.title, m.amount_fen, m.due_on, m.purpose, m.payee_name,
       m.payee_sealed, m.payee_account_tail, m.payee_bank_code
from unnest(:titles::text[], :amounts::bigint[], :dues::date[], :purposes::text[], :names::text[],
            :sealed::bytea[], :tails::text[], :bank_codes::text[]) with ordinality
  m(title, amount_fen, due_on, purpose, payee_name, payee_sealed, payee_account_tail,
    payee_bank_code, no);

-- name: was_heard
-- Whether a word of the beneficiary has been heard before.
select exists (
  select from accounts.escrow_steps where business_id = :business_id and word_id = :word_id) as yes;

-- name: propose_decision
-- One person's decision; a later one takes its place until somebody agrees.
insert into accounts.escrow_proposals (business_id, escrow_id, decision, proposed_by, proposed_at)
values (:business_id, :escrow_id, :decision, :staff_id, :now)
on conflict (business_id, escrow_id) do update
  set decision = excluded.decision, proposed_by = excluded.proposed_by,
      proposed_at = excluded.proposed_at;

-- name: proposal
-- What was proposed last about a dispute.
select escrow_id, decision, proposed_by, proposed_at
from accounts.escrow_proposals where business_id = :business_id and escrow_id = :escrow_id
for no key update;
