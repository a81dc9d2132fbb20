-- migrate:up
-- Money that the clearing house has credited to us and that belongs on no account we can name: an
-- item of the bank's own firm, worked by two people, until it is returned or finds its account.

create table accounts.unapplied_credits (
  business_id uuid not null,
  id uuid not null,
  reference text not null collate "C",
  moved_on date not null,
  amount_fen bigint not null,
  why text not null,
  -- payer, payee and words as the sender wrote them; null: the clearing house tells no more
  details_sealed bytea,
  difference_id uuid,
  state text not null default 'found',
  wanted text,
  wanted_why text,
  to_business_id uuid,
  to_account_id uuid,
  to_number_tail text,
  proposed_by uuid,
  proposed_at timestamptz,
  agreed_by uuid,
  agreed_at timestamptz,
  answer text not null default '',
  return_id uuid,
  returned_on date,
  ask_at timestamptz,
  asked int not null default 0,
  found_at timestamptz not null,
  done_at timestamptz,
  version int not null default 1,
  primary key (business_id, id),
  constraint one_item_per_credit unique (business_id, reference),
  constraint unapplied_amount_is_positive check (amount_fen > 0),
  constraint unapplied_reason_is_known
    check (why in ('unknown', 'no_account', 'name_differs', 'account_refuses')),
  constraint unapplied_state_is_known
    check (state in ('found', 'suspended', 'returned', 'assigned', 'booked')),
  constraint wanted_step_is_known check (wanted in ('suspend', 'return', 'assign')),
  constraint wanted_step_fits_the_state
    check (wanted is null or (wanted = 'suspend') = (state = 'found')),
  constraint a_proposal_is_somebodys_word
    check ((wanted is null) = (proposed_by is null)
           and (wanted is null) = (proposed_at is null) and (wanted is null) = (wanted_why is null)),
  constraint an_agreement_answers_a_proposal
    check (agreed_by is null or (wanted is not null and agreed_at is not null)),
  constraint nobody_agrees_to_their_own_proposal check (agreed_by <> proposed_by),
  constraint an_assignment_names_an_account
    check ((wanted is distinct from 'assign' and state <> 'assigned')
           or (to_business_id is not null and to_account_id is not null)),
  constraint a_done_item_has_its_moment
    check ((state in ('returned', 'assigned', 'booked')) = (done_at is not null))
);
-- The desk's queue, oldest first, and what the clearing house is to be asked about.
create index unapplied_credits_open on accounts.unapplied_credits (business_id, found_at, id)
  where state in ('found', 'suspended');
create index unapplied_credits_to_ask on accounts.unapplied_credits (business_id, ask_at)
  where ask_at is not null;
select core.tenant_table('accounts.unapplied_credits');
select core.desk_works('accounts.unapplied_credits');
revoke all on accounts.unapplied_credits from app;

create function accounts.guard_unapplied_credit() returns trigger language plpgsql as $$
begin
  if old.state in ('returned', 'assigned', 'booked') then
    raise exception 'the money has left the bank''s hands' using errcode = 'XW002';
  end if;
  if (new.reference, new.moved_on, new.amount_fen, new.found_at)
     is distinct from (old.reference, old.moved_on, old.amount_fen, old.found_at) then
    raise exception 'what came in stays as it came' using errcode = 'XW002';
  end if;
  -- The desk proposes and agrees; what was agreed is carried out by the bank's machinery.
  if session_user = 'desk' and (new.state <> old.state or old.agreed_by is not null) then
    raise exception 'what was agreed is carried out as it was agreed' using errcode = 'XW003';
  end if;
  if new.agreed_by is not null and old.agreed_by is null
     and new.agreed_by is not distinct from old.proposed_by then
    raise exception 'two people decide' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger unapplied_credits_are_worked_in_order before update on accounts.unapplied_credits
  for each row execute function accounts.guard_unapplied_credit();

-- Who decided about a reference decided for good, here too: money that lies in suspense is not
-- booked a second time when somebody rings for it again.
alter table accounts.incoming_decisions add column suspended boolean not null default false;

-- migrate:down
-- forward only
