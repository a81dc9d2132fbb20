-- migrate:up
-- Escrow between a payer and a beneficiary (小微e管): the agreement is the payer's row, what the
-- beneficiary sees and says is the beneficiary's; no key leads from one firm to the other.

insert into accounts.policies (kind, valid, value, source) values
  ('escrow.terms', '[2018-01-01,)', '{"longest_days": 365, "retry_minutes": 10}',
   'bank policy: money is kept for a beneficiary for at most a year; what could not be paid is '
   'tried again after ten minutes');

create table accounts.escrows (
  business_id uuid not null,
  id uuid not null,
  mode text not null,
  made_by uuid not null,
  account_id uuid not null,
  escrow_account_id uuid not null,
  title text not null,
  amount_fen bigint not null,
  beneficiary_business_id uuid not null,
  beneficiary_name text not null,
  beneficiary_account_id uuid not null,
  beneficiary_sealed bytea not null,
  release_rule text not null,
  objection_days int not null,
  expires_at timestamptz not null,
  state text not null,
  reason text,
  version int not null default 1,
  steps int not null default 0,
  look_at timestamptz,
  created_at timestamptz not null,
  disputed_at timestamptz,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint one_escrow_per_account unique (business_id, escrow_account_id),
  constraint escrow_mode_is_known check (mode in ('guaranteed', 'escrowed')),
  constraint escrow_is_positive check (amount_fen > 0 and amount_fen <= 1000000000000000),
  constraint beneficiary_is_another_firm check (beneficiary_business_id <> business_id),
  constraint release_rule_is_known check (release_rule in ('both', 'delivery', 'date')),
  constraint objection_time_is_sound check (objection_days between 0 and 90),
  constraint escrow_state_is_known
    check (state in ('proposed', 'active', 'disputed', 'completed', 'cancelled', 'expired',
                     'decided')),
  constraint ended_escrow_has_a_moment
    check ((state in ('completed', 'cancelled', 'expired', 'decided')) = (ended_at is not null)),
  constraint disputed_escrow_has_a_moment check (state <> 'disputed' or disputed_at is not null),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index escrows_newest on accounts.escrows (business_id, created_at desc, id desc);
create index escrows_by_clock on accounts.escrows (look_at) where look_at is not null;
create index escrows_in_dispute on accounts.escrows (disputed_at, id) where state = 'disputed';
select core.tenant_table('accounts.escrows');
select core.desk_works('accounts.escrows');

-- What is owed to whom, and how much of it each side has agreed to let go: the lesser of the two
-- words is paid.
create table accounts.escrow_milestones (
  business_id uuid not null,
  escrow_id uuid not null,
  no int not null,
  title text not null,
  amount_fen bigint not null,
  due_on date not null,
  purpose text not null,
  payee_name text not null,
  payee_sealed bytea not null,
  payee_account_tail text not null,
  payee_bank_code text not null,
  payer_word_fen bigint not null default 0,
  beneficiary_word_fen bigint not null default 0,
  claimed_at timestamptz,
  primary key (business_id, escrow_id, no),
  constraint milestone_is_positive check (amount_fen > 0),
  constraint words_stay_within_the_milestone
    check (payer_word_fen between 0 and amount_fen
           and beneficiary_word_fen between 0 and amount_fen),
  foreign key (business_id, escrow_id) references accounts.escrows (business_id, id)
);
select core.tenant_table('accounts.escrow_milestones');
select core.desk_works('accounts.escrow_milestones');

-- Every payment order of an agreement: into it, out of it to a milestone's payee, or back.
create table accounts.escrow_moves (
  business_id uuid not null,
  payment_id uuid not null,
  escrow_id uuid not null,
  no int not null,
  kind text not null,
  milestone_no int,
  primary key (business_id, payment_id),
  constraint one_move_per_number unique (business_id, escrow_id, no),
  constraint move_kind_is_known check (kind in ('fund', 'release', 'return')),
  constraint releases_name_their_milestone check ((kind = 'release') = (milestone_no is not null)),
  foreign key (business_id, escrow_id) references accounts.escrows (business_id, id),
  foreign key (business_id, payment_id) references accounts.payments (business_id, id),
  foreign key (business_id, escrow_id, milestone_no)
    references accounts.escrow_milestones (business_id, escrow_id, no)
);
select core.tenant_table('accounts.escrow_moves');
select core.desk_reads('accounts.escrow_moves');

-- Who said or did what, in order; nothing is taken back. `word_id`: the beneficiary's word that
-- was heard, once.
create table accounts.escrow_steps (
  business_id uuid not null,
  escrow_id uuid not null,
  no int not null,
  step text not null,
  by text not null,
  milestone_no int,
  amount_fen bigint,
  reason text,
  word_id uuid,
  at timestamptz not null,
  primary key (business_id, escrow_id, no),
  constraint a_word_is_heard_once unique (business_id, word_id),
  constraint step_is_by_somebody check (by in ('payer', 'beneficiary', 'bank', 'clock')),
  foreign key (business_id, escrow_id) references accounts.escrows (business_id, id)
);
select core.tenant_table('accounts.escrow_steps');
select core.desk_works('accounts.escrow_steps');
revoke update on accounts.escrow_steps from app, worker, desk;
create trigger escrow_steps_are_append_only before update or delete on accounts.escrow_steps
  for each row execute function core.refuse_change();

-- The beneficiary's own row of an agreement: what the payer's firm last told it.
create table accounts.guarantees (
  business_id uuid not null,
  id uuid not null,
  payer_business_id uuid not null,
  payer_name text not null,
  told_version int not null,
  shown jsonb not null,
  created_at timestamptz not null,
  told_at timestamptz not null,
  primary key (business_id, id)
);
create index guarantees_newest on accounts.guarantees (business_id, created_at desc, id desc);
select core.tenant_table('accounts.guarantees');

create table accounts.guarantee_words (
  business_id uuid not null,
  id uuid not null,
  guarantee_id uuid not null,
  word text not null,
  milestone_no int,
  amount_fen bigint,
  reason text,
  said_by uuid not null,
  said_at timestamptz not null,
  primary key (business_id, id),
  constraint word_is_known
    check (word in ('accept', 'decline', 'deliver', 'object', 'renounce')),
  foreign key (business_id, guarantee_id) references accounts.guarantees (business_id, id)
);
create index words_about_a_guarantee on accounts.guarantee_words (business_id, guarantee_id);
select core.tenant_table('accounts.guarantee_words');
revoke update on accounts.guarantee_words from app, worker;

-- Agreements that the clock must look at now, of all firms, a page of them.
create function accounts.escrows_due(p_now timestamptz, p_after_business uuid, p_after uuid,
                                     p_limit int)
  returns table (business_id uuid, id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.business_id, e.id from accounts.escrows e
  where e.look_at <= p_now and (e.business_id, e.id) > (p_after_business, p_after)
  order by e.business_id, e.id limit p_limit
$$;
revoke execute on function accounts.escrows_due from public;
grant execute on function accounts.escrows_due to nightly;

-- migrate:down
-- forward only
