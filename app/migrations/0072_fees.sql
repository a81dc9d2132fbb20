-- migrate:up
-- Fees by a dated price list: what a firm is, what was charged for what, and the monthly run.

-- How large a firm is (工信部联企业〔2011〕300号), where the bank has found it to be otherwise than
-- the price list takes for usual.
create table accounts.fee_terms (
  business_id uuid not null,
  firm_size text not null,
  version int not null default 1,
  set_at timestamptz not null,
  primary key (business_id),
  constraint firm_size_is_known check (firm_size in ('micro', 'small', 'medium', 'large'))
);
select core.tenant_table('accounts.fee_terms');
select core.desk_works('accounts.fee_terms');
revoke insert, update on accounts.fee_terms from app, worker;

create table accounts.fees (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  kind text not null,
  cause text not null,
  rail text,
  amount_fen bigint not null,
  state text not null,
  hold_id uuid,
  made_on date not null,
  charged_on date,
  refunded_on date,
  primary key (business_id, id),
  constraint one_fee_per_cause unique (business_id, kind, account_id, cause),
  constraint fee_kind_is_known check (kind in ('payment', 'monthly')),
  constraint fee_is_positive check (amount_fen > 0),
  constraint fee_state_is_known
    check (state in ('held', 'due', 'charged', 'released', 'refunded')),
  constraint a_held_fee_has_its_hold check ((state = 'held') = (hold_id is not null)),
  constraint a_charged_fee_has_a_date
    check ((state in ('charged', 'refunded')) = (charged_on is not null)
           and (state = 'refunded') = (refunded_on is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index fees_newest on accounts.fees (business_id, made_on desc, id desc);
create index fees_due on accounts.fees (business_id, account_id) where state = 'due';
select core.tenant_table('accounts.fees');
select core.desk_reads('accounts.fees');

-- Payments inside the bank are free for everybody and have no price: the payment lane, which takes
-- only those, need not know of fees.
insert into accounts.policies (kind, valid, value, source) values
  ('fees.prices', '[2018-01-01,)',
   '{"rails": {
       "hvps": [{"up_to_fen": 1000000, "fee_fen": 500}, {"up_to_fen": 10000000, "fee_fen": 1000},
                {"up_to_fen": 50000000, "fee_fen": 1500},
                {"up_to_fen": 100000000, "fee_fen": 2000}, {"rate_ppm": 20, "most_fen": 20000}],
       "beps": [{"up_to_fen": 1000000, "fee_fen": 500}, {"up_to_fen": 10000000, "fee_fen": 1000},
                {"up_to_fen": 50000000, "fee_fen": 1500}, {"fee_fen": 2000}],
       "ibps": [{"up_to_fen": 1000000, "fee_fen": 500}, {"up_to_fen": 10000000, "fee_fen": 1000},
                {"up_to_fen": 50000000, "fee_fen": 1500}, {"fee_fen": 2000}]},
     "monthly_fen": 1000, "usual_size": "small", "free_sizes": ["micro", "small"],
     "refund_failed": true, "refund_returned": false}',
   'transfers to other banks: 发改价格〔2014〕268号, annex; account fee: the bank''s list; micro and '
   'small firms free: 银发〔2021〕169号 with the bank''s extension to online transfers');

-- The month's fee of every account that owes one, made once; the account it stopped at.
create function accounts.make_monthly_fees(
  p_month date, p_amount_fen bigint, p_usual_size text, p_free_sizes text[],
  p_after_business uuid, p_after uuid, p_limit int
) returns table (business_id uuid, account_id uuid)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with owing as (
    select d.business_id, d.id
    from accounts.deposits d
    left join accounts.fee_terms t on t.business_id = d.business_id
    where d.state <> 'closed' and d.account_class <> 'sub' and d.currency = 'CNY'
      and d.opened_on < p_month and p_amount_fen > 0
      and not coalesce(t.firm_size, p_usual_size) = any(p_free_sizes)
      and (d.business_id, d.id) > (p_after_business, p_after)
    order by d.business_id, d.id limit p_limit
  ), made as (
    insert into accounts.fees (business_id, id, account_id, kind, cause, amount_fen, state, made_on)
    select o.business_id, uuidv7(), o.id, 'monthly', to_char(p_month, 'YYYY-MM'), p_amount_fen,
           'due', p_month
    from owing o
    on conflict on constraint one_fee_per_cause do nothing
    returning 1
  )
  select o.business_id, o.id from owing o where (select count(*) from made) >= 0 order by 1, 2
$$;

-- Fees due that can be paid now, marked as charged and told of; the ledger moves them in the same
-- transaction. Who is short of money, stopped or frozen is asked again the next day.
create function accounts.take_fees_due(p_today date, p_at timestamptz, p_limit int)
  returns table (business_id uuid, id uuid, account_id uuid, cause text, amount_fen bigint)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with payable as (
    select f.business_id, f.id
    from accounts.fees f
    join ledger.accounts a on a.business_id = f.business_id and a.id = f.account_id
    where f.state = 'due' and a.state in ('open', 'no_credit')
      and a.balance_fen - a.held_fen - a.floor_fen >= (
        select sum(o.amount_fen) from accounts.fees o
        where o.business_id = f.business_id and o.account_id = f.account_id and o.state = 'due')
    order by f.business_id, f.id limit p_limit for no key update of f skip locked
  ), taken as (
    update accounts.fees f set state = 'charged', charged_on = p_today
    from payable p where f.business_id = p.business_id and f.id = p.id
    returning f.business_id, f.id, f.account_id, f.cause, f.amount_fen
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'accounts.fees.FeeCharged', t.business_id, 'system',
           jsonb_build_object('fee_id', t.id, 'account_id', t.account_id,
                              'amount_fen', t.amount_fen, 'charged_on', p_today), p_at
    from taken t
    returning 1
  )
  select t.business_id, t.id, t.account_id, t.cause, t.amount_fen
  from taken t where (select count(*) from told) >= 0
$$;
revoke execute on function accounts.make_monthly_fees, accounts.take_fees_due from public;
grant execute on function accounts.make_monthly_fees, accounts.take_fees_due to nightly;

-- migrate:down
-- forward only
