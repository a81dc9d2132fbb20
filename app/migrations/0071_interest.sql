-- migrate:up
-- Interest on demand deposits: every day's closing balance counts, by the rate of that day; settled
-- on the 20th of a quarter's last month and booked on the 21st.

create table accounts.interest_rates (
  currency char(3) not null,
  valid daterange not null,
  rate_ppm int not null,
  source text not null,
  primary key (currency, valid without overlaps),
  constraint rate_is_valid_for_some_day check (not isempty(valid)),
  constraint rate_is_within_reason check (rate_ppm between 0 and 200000)
);
select core.reference_table('accounts.interest_rates');
insert into accounts.interest_rates (currency, valid, rate_ppm, source) values
  ('CNY', '[2015-10-24,2022-09-15)', 3000, 'demand deposits of units, list of the large banks'),
  ('CNY', '[2022-09-15,2023-06-08)', 2500, 'list of the large banks from 2022-09-15'),
  ('CNY', '[2023-06-08,2024-07-25)', 2000, 'list of the large banks from 2023-06-08'),
  ('CNY', '[2024-07-25,2024-10-18)', 1500, 'list of the large banks from 2024-07-25'),
  ('CNY', '[2024-10-18,2025-05-20)', 1000, 'list of the large banks from 2024-10-18'),
  ('CNY', '[2025-05-20,)', 500, 'list of the large banks from 2025-05-20: 0.05 %');

-- One row per account and period, and no two periods of an account share a day.
create table accounts.interest (
  business_id uuid not null,
  account_id uuid not null,
  period daterange not null,
  parts jsonb not null,
  interest_fen bigint not null,
  state text not null,
  settled_at timestamptz not null,
  paid_on date,
  primary key (business_id, account_id, period without overlaps),
  constraint period_has_days check (not isempty(period) and not upper_inf(period)),
  constraint interest_is_not_negative check (interest_fen >= 0),
  constraint interest_state_is_known check (state in ('due', 'paid', 'nothing')),
  constraint nothing_is_nothing check ((state = 'nothing') = (interest_fen = 0)),
  constraint paid_interest_has_a_date check ((state = 'paid') = (paid_on is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index interest_due on accounts.interest (business_id, account_id) where state = 'due';
select core.tenant_table('accounts.interest');
select core.desk_works('accounts.interest');

-- The days of [from, until) by their rates: fen x days of each part, exact. The balance of a day is
-- what stands now less what was booked after that day, so one look at the later postings does.
create function accounts.interest_parts(
  p_business uuid, p_account uuid, p_currency text, p_balance_fen bigint, p_from date, p_until date
) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'from_on', s.from_on, 'until_on', s.until_on, 'rate_ppm', s.rate_ppm,
           'fen_days', s.fen_days) order by s.from_on), '[]')
  from (
    select r.from_on, r.until_on, r.rate_ppm,
           p_balance_fen::numeric * (r.until_on - r.from_on) - coalesce((
             select sum(p.amount_fen::numeric * (least(r.until_on, p.booked_on) - r.from_on))
             from ledger.postings p
             where p.business_id = p_business and p.account_id = p_account
               and p.booked_on > r.from_on), 0) as fen_days
    from (
      select i.rate_ppm, greatest(lower(i.valid), p_from) as from_on,
             least(coalesce(upper(i.valid), p_until), p_until) as until_on
      from accounts.interest_rates i
      where i.currency = p_currency and i.valid && daterange(p_from, p_until)
    ) r
  ) s
$$;

-- What the parts earn: one rounding at the end, half up; 360 days a year (人民币利率管理规定).
create function accounts.interest_of(p_parts jsonb) returns bigint language sql immutable as $$
  select div(2 * coalesce(sum((p ->> 'fen_days')::numeric * (p ->> 'rate_ppm')::numeric), 0)
             + 360000000, 720000000)::bigint
  from jsonb_array_elements(p_parts) p
$$;

-- Settle the next quarter of a slice of accounts, if it has ended before `p_on`.
create function accounts.settle_interest(
  p_on date, p_at timestamptz, p_after_business uuid, p_after uuid, p_limit int
) returns table (business_id uuid, account_id uuid)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with picked as (
    select d.business_id, d.id, d.currency, a.balance_fen,
           coalesce((select max(upper(i.period)) from accounts.interest i
                     where i.business_id = d.business_id and i.account_id = d.id),
                    d.opened_on) as from_on
    from accounts.deposits d
    join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
    where d.bears_interest and d.state <> 'closed'
      and (d.business_id, d.id) > (p_after_business, p_after)
  ), ending as (
    -- The day after the 20th of a quarter's last month, at or after the period's first day.
    select p.*, (case when (date_trunc('quarter', p.from_on) + interval '2 months 19 days')::date
                           >= p.from_on
                      then date_trunc('quarter', p.from_on)
                      else date_trunc('quarter', p.from_on) + interval '3 months' end
                 + interval '2 months 20 days')::date as until_on
    from picked p
  ), over as (
    select e.*, accounts.interest_parts(e.business_id, e.id, e.currency, e.balance_fen,
                                        e.from_on, e.until_on) as parts
    from ending e where e.until_on <= p_on
    order by e.business_id, e.id limit p_limit
  ), made as (
    insert into accounts.interest (business_id, account_id, period, parts, interest_fen, state,
                                   settled_at)
    select o.business_id, o.id, daterange(o.from_on, o.until_on), o.parts,
           accounts.interest_of(o.parts),
           case accounts.interest_of(o.parts) when 0 then 'nothing' else 'due' end, p_at
    from over o
    on conflict do nothing
    returning 1
  )
  select o.business_id, o.id from over o where (select count(*) from made) >= 0 order by 1, 2
$$;

-- Interest due on accounts that take it now, marked as paid and told of; the ledger books it in the
-- same transaction. Where the account is blocked it stays due.
create function accounts.take_interest_due(p_today date, p_at timestamptz, p_limit int)
  returns table (business_id uuid, account_id uuid, until_on date, interest_fen bigint)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with payable as (
    select i.business_id, i.account_id, i.period
    from accounts.interest i
    join ledger.accounts a on a.business_id = i.business_id and a.id = i.account_id
    where i.state = 'due' and a.state in ('open', 'no_debit')
    order by i.business_id, i.account_id, i.period limit p_limit for no key update of i skip locked
  ), taken as (
    update accounts.interest i set state = 'paid', paid_on = p_today
    from payable p
    where i.business_id = p.business_id and i.account_id = p.account_id and i.period = p.period
    returning i.business_id, i.account_id, upper(i.period) - 1 as until_on, i.interest_fen
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'accounts.interest.InterestPaid', t.business_id, 'system',
           jsonb_build_object('account_id', t.account_id, 'until_on', t.until_on,
                              'amount_fen', t.interest_fen, 'paid_on', p_today), p_at
    from taken t
    returning 1
  )
  select t.business_id, t.account_id, t.until_on, t.interest_fen
  from taken t where (select count(*) from told) >= 0
$$;
revoke execute on function accounts.settle_interest, accounts.take_interest_due from public;
grant execute on function accounts.settle_interest, accounts.take_interest_due to nightly;

-- migrate:down
-- forward only
