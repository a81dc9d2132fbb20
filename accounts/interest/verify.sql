-- name: paid_interest_not_booked
-- Interest that was paid is on its account once, with its amount.
select i.business_id, i.account_id, i.period::text, i.state
from accounts.interest i
left join ledger.entry_keys k on k.business_id = i.business_id and k.kind = 'interest'
  and k.business_key = i.account_id::text || ':' || (upper(i.period) - 1)::text
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.account_id = i.account_id and p.amount_fen = i.interest_fen
where (i.state = 'paid') is distinct from (p.entry_id is not null);

-- name: interest_is_not_the_daily_balances
-- A settled period is the sum of its days' closing balances by their rates, day by day.
select i.business_id, i.account_id, i.period::text, i.interest_fen, d.due_fen
from accounts.interest i
join accounts.deposits a on a.business_id = i.business_id and a.id = i.account_id
cross join lateral (
  select div(2 * coalesce(sum(coalesce(b.balance_after_fen, 0)::numeric * r.rate_ppm), 0)
             + 360000000, 720000000)::bigint as due_fen
  from generate_series(lower(i.period)::timestamp, upper(i.period)::timestamp - interval '1 day',
                       interval '1 day') g(day)
  join accounts.interest_rates r on r.currency = a.currency and r.valid @> g.day::date
  left join lateral (
    select p.balance_after_fen from ledger.postings p
    where p.business_id = i.business_id and p.account_id = i.account_id
      and p.booked_on <= g.day::date
    order by p.booked_on desc, p.seq desc limit 1) b on true
) d
where i.settled_at > (select max(settled_at) - interval '1 year' from accounts.interest)
  and d.due_fen <> i.interest_fen;

-- name: interest_period_missing
-- The periods of an account follow one another without a gap from its opening.
select business_id, account_id, period::text from (
  select i.business_id, i.account_id, i.period,
         coalesce(lag(upper(i.period)) over (partition by i.business_id, i.account_id
                                             order by i.period), d.opened_on) as should_begin_on
  from accounts.interest i
  join accounts.deposits d on d.business_id = i.business_id and d.id = i.account_id) s
where lower(period) <> should_begin_on;
