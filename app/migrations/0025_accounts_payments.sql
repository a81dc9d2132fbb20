-- migrate:up
-- Payment orders (each its own idempotency record), money that came in, and who waits for whom.

create table accounts.payments (
  business_id uuid not null,
  id uuid not null,
  key text not null collate "C",
  fingerprint bytea not null,
  made_by uuid not null,
  account_id uuid not null,
  amount_fen bigint not null,
  currency char(3) not null default 'CNY',
  party_id uuid,
  payee_name text not null,
  payee_sealed bytea not null,
  payee_account_tail text not null,
  payee_bank_code text not null,
  payee_business_id uuid,
  payee_account_id uuid,
  rail text,
  purpose text not null,
  memo text not null,
  state text not null,
  answered_state text not null,
  first_version int not null default 1,
  reason text,
  refusal jsonb,
  hold_id uuid,
  transfer_id uuid,
  send_after timestamptz,
  asked int not null default 0,
  limit_used_on date,
  version int not null default 1,
  created_at timestamptz not null,
  submitted_at timestamptz,
  finished_at timestamptz,
  returned_on date,
  swept_on date,
  return_swept_on date,
  primary key (business_id, id),
  constraint one_payment_per_key unique (business_id, key),
  constraint payment_key_is_visible check (key ~ '^[!-~]{8,80}$'),
  constraint payment_amount_is_positive check (amount_fen > 0),
  constraint payment_amount_is_bounded check (amount_fen <= 1000000000000000),
  constraint rail_is_known check (rail in ('in_bank', 'hvps', 'beps', 'ibps')),
  constraint purpose_is_known
    check (purpose in ('goods', 'services', 'rent', 'wages', 'tax', 'refund', 'loan',
                       'own_account', 'other')),
  constraint payment_state_is_known
    check (state in ('draft', 'pending_approval', 'submitted', 'processing', 'unknown', 'settled',
                     'failed', 'returned', 'rejected', 'cancelled', 'refused')),
  constraint refused_payment_keeps_its_answer check ((state = 'refused') = (refusal is not null)),
  constraint money_is_held_only_while_submitted check ((state = 'submitted') = (hold_id is not null)),
  constraint only_settled_payments_are_swept
    check (swept_on is null or (rail <> 'in_bank' and state in ('settled', 'returned'))),
  constraint only_returned_payments_come_back
    check ((returned_on is not null) = (state = 'returned')
           and (return_swept_on is null or returned_on is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, party_id) references accounts.parties (business_id, id)
);
create index payments_newest on accounts.payments (business_id, created_at desc, id desc);
create index payments_unswept on accounts.payments (business_id)
  where rail <> 'in_bank'
    and ((state in ('settled', 'returned') and swept_on is null)
         or (state = 'returned' and return_swept_on is null));
select core.tenant_table('accounts.payments');
select core.desk_reads('accounts.payments');

-- Above which amounts a firm wants a second person; no row = the bank's policy.
create table accounts.second_person_rules (
  business_id uuid not null,
  outside_above_fen bigint,
  in_bank_above_fen bigint,
  version int not null,
  primary key (business_id),
  constraint rule_amounts_are_not_negative
    check (coalesce(outside_above_fen, 0) >= 0 and coalesce(in_bank_above_fen, 0) >= 0)
);
select core.tenant_table('accounts.second_person_rules');

create table accounts.incoming_credits (
  business_id uuid not null,
  id uuid not null,
  source text not null,
  reference text not null,
  account_id uuid not null,
  amount_fen bigint not null,
  payer_name_sealed bytea not null,
  payer_account_tail text not null,
  payer_bank_code text not null,
  remark text not null,
  received_on date not null,
  received_at timestamptz not null,
  swept_on date,
  primary key (business_id, id),
  constraint one_credit_per_reference unique (business_id, source, reference),
  constraint credit_source_is_known check (source in ('in_bank', 'outside')),
  constraint credit_amount_is_positive check (amount_fen > 0),
  constraint only_outside_credits_are_swept check (swept_on is null or source = 'outside'),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index credits_newest on accounts.incoming_credits (business_id, received_at desc, id desc);
create index credits_unswept on accounts.incoming_credits (business_id)
  where source = 'outside' and swept_on is null;
select core.tenant_table('accounts.incoming_credits');
select core.desk_reads('accounts.incoming_credits');

-- Which firm a reference at the clearing house belongs to, when it was sent, and when it is
-- asked about. Only the worker reads across firms.
create table accounts.clearing_references (
  reference text primary key,
  business_id uuid not null,
  payment_id uuid not null,
  sent_on date not null,
  ask_at timestamptz,
  rings int not null default 0
);
create index clearing_references_due on accounts.clearing_references (ask_at)
  where ask_at is not null;
select core.local_table('accounts.clearing_references');
revoke all on accounts.clearing_references from app;

-- Credits seen waiting at the clearing house: when to ring for one (again), ever less often.
create table accounts.incoming_rings (
  reference text primary key,
  rings int not null default 1,
  ring_at timestamptz not null
);
select core.local_table('accounts.incoming_rings');
revoke all on accounts.incoming_rings from app;

-- One decision per incoming credit, whoever decides first; a refused one belongs to no firm.
create table accounts.incoming_decisions (
  reference text primary key,
  business_id uuid,
  amount_fen bigint not null,
  accepted boolean not null,
  reason text not null,
  decided_on date not null,
  decided_at timestamptz not null,
  confirmed_at timestamptz,
  constraint accepted_credit_has_a_firm check (not accepted or business_id is not null),
  constraint refused_credit_has_a_reason check (accepted = (reason = ''))
);
select core.local_table('accounts.incoming_decisions');
revoke all on accounts.incoming_decisions from app;

-- Marks everything that is in transit and not yet swept, and says how much of which firm it is.
-- The ledger moves it in the same transaction.
create function accounts.mark_swept(p_on date)
  returns table (direction text, business_id uuid, account_id uuid, amount_fen bigint)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with paid as (
    update accounts.payments p
    set swept_on = coalesce(p.swept_on, p_on),
        return_swept_on = case when p.state = 'returned' then coalesce(p.return_swept_on, p_on) end
    where p.rail <> 'in_bank'
      and ((p.state in ('settled', 'returned') and p.swept_on is null)
           or (p.state = 'returned' and p.return_swept_on is null))
    returning p.business_id, p.amount_fen, old.swept_on is null as goes,
              p.state = 'returned' and old.return_swept_on is null as comes_back
  ), came as (
    update accounts.incoming_credits c set swept_on = p_on
    where c.source = 'outside' and c.swept_on is null
    returning c.business_id, c.amount_fen
  ), moved as (
    select 'out' as direction, 'in_transit_out' as kind, business_id, amount_fen
    from paid where goes
    union all
    select 'in', 'in_transit_in', business_id, amount_fen from paid where comes_back
    union all
    select 'in', 'in_transit_in', business_id, amount_fen from came
  )
  select m.direction, m.business_id, a.id, sum(m.amount_fen)::bigint
  from moved m
  join ledger.accounts a
    on a.business_id = m.business_id and a.kind = m.kind and a.currency = 'CNY'
  group by m.direction, m.business_id, a.id
  order by m.business_id, a.id
$$;
revoke execute on function accounts.mark_swept from public;
grant execute on function accounts.mark_swept to nightly;

-- migrate:down
-- forward only
