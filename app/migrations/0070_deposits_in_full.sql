-- migrate:up
-- Account states in full: the bank's and the owner's restrictions, orders of authorities with
-- their queue, sub-accounts, and the frozen amount in the ledger.

set local role ledger_owner;

-- What an authority has frozen is a column and not a hold. A freeze may be larger than the balance
-- (what comes in later is frozen too), no payment may ever capture it, and it counts as nobody's
-- promise. `floor_fen` is the line that no debit crosses: the account's own floor plus what is
-- frozen; so every way that pays keeps it under the row lock it takes anyway, the lane too.
alter table ledger.accounts
  add column frozen_fen bigint not null default 0,
  add constraint frozen_is_never_negative check (frozen_fen >= 0),
  add constraint only_a_firms_money_is_frozen check (frozen_fen = 0 or owner = 'firm'),
  drop constraint account_never_falls_below_its_floor,
  add constraint account_never_falls_below_its_floor
    check (floor_fen is null or balance_fen - held_fen >= floor_fen - frozen_fen);

-- Whatever kinds of account there are, and what waits for somebody to book it home.
do $$
declare v_kinds text;
begin
  select pg_get_expr(conbin, conrelid) into strict v_kinds from pg_constraint
  where conrelid = 'ledger.accounts'::regclass and conname = 'owner_fits_kind';
  alter table ledger.accounts drop constraint owner_fits_kind;
  execute format('alter table ledger.accounts add constraint owner_fits_kind'
                 ' check ((%s) or (owner = ''bank'' and kind = ''suspense''))', v_kinds);
end $$;

-- The second wall: whatever writes the row, money and promises never reach into what is frozen.
create function ledger.refuse_frozen() returns trigger language plpgsql as $$
begin
  raise exception 'frozen money does not leave' using errcode = 'XW011';
end $$;
create trigger frozen_money_stays before update on ledger.accounts
  for each row
  when (new.frozen_fen > 0
        and (new.balance_fen < old.balance_fen or new.held_fen > old.held_fen)
        and new.balance_fen - new.held_fen < new.floor_fen)
  execute function ledger.refuse_frozen();

-- How much is frozen from now on; the amount it was.
create function ledger.set_frozen(p_business uuid, p_account uuid, p_frozen_fen bigint)
  returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_was bigint;
begin
  perform ledger.require_tenant(p_business);
  update ledger.accounts
  set frozen_fen = p_frozen_fen, floor_fen = floor_fen - frozen_fen + p_frozen_fen
  where business_id = p_business and id = p_account and owner = 'firm'
  returning old.frozen_fen into v_was;
  return v_was;
end $$;
revoke execute on function ledger.set_frozen from public;
grant execute on function ledger.set_frozen to worker, desk;
-- Staff who carry out an order or clear what is in suspense book it in the firm they have opened.
grant execute on function ledger.post to desk;

-- The bank's side of many firms at once, made where it is missing, for work over all firms.
create function ledger.bank_sides(
  p_businesses uuid[], p_kind text, p_currency text, p_at timestamptz
) returns table (business_id uuid, id uuid)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare v_on date := (p_at at time zone 'Asia/Shanghai')::date;
begin
  insert into ledger.accounts
    (business_id, id, kind, owner, currency, floor_fen, last_at, opened_on, month)
  select distinct u.b, uuidv7(), p_kind, 'bank', p_currency, null::bigint, p_at, v_on,
         date_trunc('month', v_on)::date
  from unnest(p_businesses) u(b)
  where not exists (
    select from ledger.accounts a
    where a.business_id = u.b and a.kind = p_kind and a.currency = p_currency
      and a.owner = 'bank')
  on conflict do nothing;
  return query
    select a.business_id, a.id from ledger.accounts a
    where a.business_id = any(p_businesses) and a.kind = p_kind and a.currency = p_currency
      and a.owner = 'bank';
end $$;
revoke execute on function ledger.bank_sides from public;
grant execute on function ledger.bank_sides to nightly;

reset role;

alter table accounts.deposits
  add column restriction text not null default 'active',
  add column ordered text not null default 'active',
  add column bears_interest boolean not null default true,
  add column parent_id uuid,
  add column label text not null default '',
  add column quiet_told_on date,
  drop constraint account_class_is_known,
  add constraint account_class_is_known
    check (account_class in ('basic', 'general', 'special', 'temporary', 'sub')),
  add constraint restriction_is_known
    check (restriction in ('active', 'suspended_noncounter', 'stop_payment', 'receive_only',
                           'no_in_no_out', 'dormant', 'closed')),
  add constraint order_is_known check (ordered in ('active', 'stop_payment', 'frozen_full')),
  add constraint a_sub_account_has_a_parent check ((account_class = 'sub') = (parent_id is not null)),
  add constraint sub_account_belongs_to_its_parent
    foreign key (business_id, parent_id) references accounts.deposits (business_id, id);
create index sub_accounts_of_an_account on accounts.deposits (business_id, parent_id)
  where parent_id is not null;

-- Money in yuan finds accounts in yuan only.
alter table accounts.account_directory add column currency char(3) not null default 'CNY';

-- Money moved between an account and its sub-accounts: one posting each.
create table accounts.moves (
  business_id uuid not null,
  id uuid not null,
  from_account_id uuid not null,
  to_account_id uuid not null,
  amount_fen bigint not null,
  currency char(3) not null,
  memo text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  primary key (business_id, id),
  constraint move_amount_is_positive check (amount_fen > 0),
  constraint move_goes_somewhere_else check (from_account_id <> to_account_id),
  foreign key (business_id, from_account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, to_account_id) references accounts.deposits (business_id, id)
);
select core.tenant_table('accounts.moves');
revoke update on accounts.moves from app, worker;

-- Orders of authorities, each a row of its own: the first in place is in force, a later one waits
-- behind a full one (轮候) and moves up when that ends.
create table accounts.freezes (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  place int not null,
  authority text not null,
  order_number text not null,
  amount_fen bigint,
  taken_fen bigint not null default 0,
  state text not null,
  renewals int not null default 0,
  placed_at timestamptz not null,
  in_force_at timestamptz,
  ends_at timestamptz,
  ended_at timestamptz,
  rung_at timestamptz,
  version int not null default 1,
  primary key (business_id, id),
  constraint one_freeze_per_place unique (business_id, account_id, place),
  constraint authority_is_known check (authority in ('court', 'police', 'tax', 'customs')),
  constraint freeze_state_is_known check (state in ('queued', 'active', 'lifted', 'lapsed', 'used')),
  constraint frozen_amount_is_positive check (amount_fen > 0 and amount_fen <= 1000000000000000),
  constraint no_more_is_taken_than_ordered check (taken_fen between 0 and amount_fen),
  constraint a_freeze_in_force_has_a_term
    check (state <> 'active' or (in_force_at is not null and ends_at is not null)),
  constraint an_ended_freeze_has_a_moment
    check ((state in ('lifted', 'lapsed', 'used')) = (ended_at is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index open_freezes on accounts.freezes (business_id, account_id)
  where state in ('queued', 'active');
create index freezes_by_term on accounts.freezes (ends_at) where state in ('queued', 'active');
select core.tenant_table('accounts.freezes');
select core.desk_works('accounts.freezes');

-- What was done about a freeze, in order; nothing is taken back.
create table accounts.freeze_steps (
  business_id uuid not null,
  freeze_id uuid not null,
  no int not null,
  step text not null,
  order_number text not null,
  amount_fen bigint,
  ends_at timestamptz,
  by_staff uuid,
  at timestamptz not null,
  primary key (business_id, freeze_id, no),
  constraint freeze_step_is_known
    check (step in ('placed', 'queued', 'in_force', 'renewed', 'taken', 'lifted', 'lapsed', 'used')),
  foreign key (business_id, freeze_id) references accounts.freezes (business_id, id)
);
select core.tenant_table('accounts.freeze_steps');
select core.desk_works('accounts.freeze_steps');
revoke update on accounts.freeze_steps from app, worker, desk;
create trigger freeze_steps_are_append_only before update or delete on accounts.freeze_steps
  for each row execute function core.refuse_change();

-- Orders that stood on the account itself become rows; everything else is a restriction.
insert into accounts.freezes (business_id, id, account_id, place, authority, order_number, state,
                              placed_at, in_force_at, ends_at)
select business_id, uuidv7(), id, 1, case state_set_by when 'police' then 'police' else 'court' end,
       coalesce(state_reason, '-'), 'active', clock_timestamp(), clock_timestamp(),
       coalesce(state_until, clock_timestamp() + interval '1 year')
from accounts.deposits where state_set_by in ('police', 'court') and state <> 'active';
update accounts.deposits
set ordered = state, state_reason = null, state_set_by = null, state_until = null
where state_set_by in ('police', 'court') and state in ('stop_payment', 'frozen_full');
update accounts.deposits set restriction = state where ordered = 'active';
alter table accounts.deposits add constraint only_a_closed_account_is_restricted_so
  check ((state = 'closed') = (restriction = 'closed'));

insert into accounts.policies (kind, valid, value, source) values
  ('deposits.freeze_terms', '[2018-01-01,)',
   '{"court": {"months": 12}, "police": {"hours": 48, "renewals": 1},
     "tax": {"months": 6}, "customs": {"months": 6, "renewals": 1}}',
   'judicial freeze up to one year, renewable before its end (民事诉讼法解释 Art. 485); emergency '
   'stop by the police 48 hours, once more at most; customs and tax authorities six months'),
  ('deposits.dormancy', '[2018-01-01,)', '{"quiet_months": 12, "notice_days": 30}',
   '人民币银行结算账户管理办法 Art. 56: no movement for a year and no debt, 30 days after notice');

-- Accounts with a term that is over, rung for once: the event makes the firm's own job.
create function accounts.ring_for_terms(p_now timestamptz, p_limit int) returns int
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with due as (
    update accounts.freezes f set rung_at = p_now
    where (f.business_id, f.id) in (
        select d.business_id, d.id from accounts.freezes d
        where d.state in ('queued', 'active') and d.ends_at <= p_now
          and (d.rung_at is null or d.rung_at < d.ends_at
               or d.rung_at < p_now - interval '10 minutes')
        order by d.ends_at limit p_limit for no key update skip locked)
    returning f.business_id, f.account_id
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'accounts.freezes.TermOver', u.business_id, 'system',
           jsonb_build_object('account_id', u.account_id), p_now
    from (select distinct business_id, account_id from due) u
    returning 1
  )
  select count(*)::int from told
$$;
revoke execute on function accounts.ring_for_terms from public;
grant execute on function accounts.ring_for_terms to nightly;

-- Accounts that nothing has moved for so long and whose firm owes nothing: told once, and a month
-- later dormant. Interest and the monthly fee are the bank's own doing and no movement.
create function accounts.ring_for_quiet(
  p_now timestamptz, p_months int, p_notice_days int, p_after_business uuid, p_after uuid,
  p_limit int
) returns table (business_id uuid, account_id uuid)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with today as (
    select (p_now at time zone 'Asia/Shanghai')::date as day,
           ((p_now at time zone 'Asia/Shanghai') - make_interval(months => p_months))::date as since
  ), quiet as (
    -- Who was told before the last movement is told again.
    select d.business_id, d.id, coalesce(d.quiet_told_on > t.since, false) as told
    from accounts.deposits d, today t
    where d.state = 'active' and d.account_class <> 'sub' and d.opened_on <= t.since
      and (d.business_id, d.id) > (p_after_business, p_after)
      and (d.quiet_told_on is null or d.quiet_told_on <= t.day - p_notice_days)
      and not exists (
        select from ledger.postings p
        join ledger.entries e on e.business_id = p.business_id and e.booked_on = p.booked_on
          and e.id = p.entry_id
        where p.business_id = d.business_id and p.account_id = d.id and p.booked_on > t.since
          and e.kind not in ('interest', 'fee_monthly'))
      and not exists (
        select from ledger.accounts a
        where a.business_id = d.business_id and a.owner = 'bank'
          and a.kind in ('loan_principal', 'wages_in_transit', 'in_transit_out')
          and a.balance_fen <> 0)
    order by d.business_id, d.id limit p_limit
  ), marked as (
    update accounts.deposits d
    set quiet_told_on = case when q.told then d.quiet_told_on else t.day end
    from quiet q, today t
    where d.business_id = q.business_id and d.id = q.id
    returning d.business_id, d.id, q.told
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), case when m.told then 'accounts.deposits.NoticeOver'
                          else 'accounts.deposits.AccountQuiet' end,
           m.business_id, 'system', jsonb_build_object('account_id', m.id), p_now
    from marked m
    returning 1
  )
  select q.business_id, q.id from quiet q where (select count(*) from told) >= 0
  order by 1, 2
$$;
revoke execute on function accounts.ring_for_quiet from public;
grant execute on function accounts.ring_for_quiet to nightly;

-- migrate:down
-- forward only
