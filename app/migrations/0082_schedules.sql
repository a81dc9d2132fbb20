-- migrate:up
-- Payments by the calendar and standing sweeps between a firm's own accounts.

insert into accounts.policies (kind, valid, value, source) values
  ('schedules.retry', '[2018-01-01,)', '{"after_hours": 4, "tries": 6}',
   'bank policy: where money is missing it is tried again every four hours, six times in all');

create table accounts.schedules (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  account_id uuid not null,
  to_account_id uuid,
  amount_fen bigint not null,
  party_id uuid,
  payee_name text,
  payee_sealed bytea,
  payee_account_tail text,
  payee_bank_code text,
  purpose text not null,
  memo text not null,
  speed text not null,
  pattern jsonb not null,
  state text not null default 'active',
  reason text,
  next_nominal_on date,
  next_on date,
  made int not null default 0,
  made_by uuid not null,
  version int not null default 1,
  created_at timestamptz not null,
  primary key (business_id, id),
  constraint schedule_kind_is_known check (kind in ('payment', 'keep', 'top_up')),
  constraint schedule_amount_is_bounded check (amount_fen between 0 and 1000000000000000),
  constraint a_sweep_goes_to_another_own_account
    check ((kind = 'payment') = (to_account_id is null) and to_account_id <> account_id),
  constraint a_scheduled_payment_names_its_payee
    check (case kind when 'payment' then num_nonnulls(party_id, payee_sealed) = 1
                else num_nonnulls(party_id, payee_sealed) = 0 end),
  constraint schedule_state_is_known check (state in ('active', 'paused', 'ended', 'cancelled')),
  constraint an_active_schedule_has_a_next_date
    check ((next_on is not null) = (next_nominal_on is not null)
           and (state <> 'active' or next_on is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, to_account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, party_id) references accounts.parties (business_id, id)
);
create index schedules_by_next_day on accounts.schedules (business_id, next_on)
  where state = 'active';
select core.tenant_table('accounts.schedules');

-- One row for each date of a schedule that has come: the same date is never made twice.
create table accounts.schedule_runs (
  business_id uuid not null,
  schedule_id uuid not null,
  nominal_on date not null,
  due_on date not null,
  state text not null,
  amount_fen bigint,
  payment_id uuid,
  tries int not null default 0,
  try_at timestamptz,
  reason text,
  began_at timestamptz not null,
  primary key (business_id, schedule_id, nominal_on),
  constraint run_state_is_known
    check (state in ('due', 'waiting', 'made', 'nothing', 'failed', 'skipped')),
  constraint a_run_that_was_made_has_its_payment check ((state = 'made') = (payment_id is not null)),
  constraint a_run_that_waits_is_tried_again check ((state = 'waiting') = (try_at is not null)),
  foreign key (business_id, schedule_id) references accounts.schedules (business_id, id)
);
create index schedule_runs_that_wait on accounts.schedule_runs (business_id, try_at)
  where state = 'waiting';
select core.tenant_table('accounts.schedule_runs');

-- Every schedule of every firm whose day has come, and every run that is to be tried again: one
-- statement marks them and says so; each is then paid by a job of its own.
create function accounts.find_due_schedules(p_on date, p_now timestamptz) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with begun as (
    insert into accounts.schedule_runs
      (business_id, schedule_id, nominal_on, due_on, state, began_at)
    select s.business_id, s.id, s.next_nominal_on, s.next_on, 'due', p_now
    from accounts.schedules s where s.state = 'active' and s.next_on <= p_on
    on conflict (business_id, schedule_id, nominal_on) do nothing
    returning business_id, schedule_id, nominal_on
  ), again as (
    update accounts.schedule_runs r set state = 'due', try_at = null
    where r.state = 'waiting' and r.try_at <= p_now
    returning r.business_id, r.schedule_id, r.nominal_on
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'accounts.schedules.ScheduleDue', d.business_id, 'system',
           jsonb_build_object('schedule_id', d.schedule_id, 'nominal_on', d.nominal_on), p_now
    from (select * from begun union all select * from again) d
    returning 1
  )
  select count(*) from told
$$;
revoke execute on function accounts.find_due_schedules from public;
grant execute on function accounts.find_due_schedules to nightly;

-- migrate:down
-- forward only
