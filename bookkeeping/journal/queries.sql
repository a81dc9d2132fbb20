-- name: books_state
-- Whether the chart exists, the first open day, and the voucher an event has already made.
select exists (select from bookkeeping.accounts a
               where a.business_id = :business_id and a.code = '1002') as is_open,
       coalesce((select (max(p.month_on) + interval '1 month')::date from bookkeeping.periods p
                 where p.business_id = :business_id and p.state = 'closed'),
                '1990-01-01') as first_open_on,
       (select v.id from bookkeeping.vouchers v
        where v.business_id = :business_id and v.source_event = :source_event::text) as voucher_id;

-- name: open_chart
-- The standard chart as the firm's own rows; a second call adds nothing.
insert into bookkeeping.accounts (business_id, code, name, parent, normal, category, standard)
select :business_id, s.code, s.name, s.parent, s.normal, s.category, true
from bookkeeping.standard_accounts s order by length(s.code), s.code
on conflict (business_id, code) do nothing;

-- name: account
-- One account of the chart.
select code, name, parent, normal, category, standard from bookkeeping.accounts
where business_id = :business_id and code = :code;

-- name: accounts
-- The whole chart, for the people who keep the books.
select code, name, parent, normal, category, standard from bookkeeping.accounts
where business_id = :business_id order by code;

-- name: known_codes
-- Which of these accounts the chart has.
select code from bookkeeping.accounts
where business_id = :business_id and code = any(:codes::text[]);

-- name: add_account
-- An account of the firm's own; touches no row if the code is taken.
insert into bookkeeping.accounts (business_id, code, name, parent, normal, category, standard)
values (:business_id, :code, :name, :parent, :normal, :category, false)
on conflict (business_id, code) do nothing;

-- name: template
-- A voucher template.
select id, name, lines from bookkeeping.templates where id = :id;

-- name: add_parties
-- Names not yet in the firm's book; the next query reads them all.
insert into bookkeeping.parties (business_id, id, name)
select :business_id, n.id, n.name from unnest(:ids::uuid[], :names::text[]) as n (id, name)
order by n.name
on conflict (business_id, name) do nothing;

-- name: parties
-- The ids of these names.
select id, name from bookkeeping.parties
where business_id = :business_id and name = any(:names::text[]);

-- name: add_vouchers
-- Numbers, vouchers and lines in one statement: the month's row is locked by its own update, so
-- numbers are consecutive, and a refused statement leaves no gap.
with incoming as (
  select i.*, date_trunc('month', i.dated_on)::date as month_on
  from unnest(:ids::uuid[], :dates::date[], :summaries::text[], :kinds::text[],
              :template_ids::text[], :source_events::text[], :reversals::uuid[])
       with ordinality as i (id, dated_on, summary, kind, template_id, source_event, reverses, ord)
), numbered as (
  select i.*, row_number() over (partition by i.month_on order by i.ord) as nth,
         count(*) over (partition by i.month_on) as many
  from incoming i
), months as (
  insert into bookkeeping.periods as p (business_id, month_on, last_number)
  select :business_id, n.month_on, count(*) from numbered n group by n.month_on order by n.month_on
  on conflict (business_id, month_on) do update
  set last_number = p.last_number + excluded.last_number
  returning p.month_on, p.last_number
), made as (
  insert into bookkeeping.vouchers
    (business_id, id, month_on, number, dated_on, summary, kind, template_id, source_event,
     reverses, made_by, created_at)
  select :business_id, n.id, n.month_on, m.last_number - n.many + n.nth, n.dated_on, n.summary,
         n.kind, n.template_id, n.source_event, n.reverses, :principal, :now
  from numbered n join months m on m.month_on = n.month_on
  returning id, number
), written as (
  insert into bookkeeping.lines
    (business_id, voucher_id, line_no, account_code, dated_on, closing, debit_fen, credit_fen,
     memo, party_id, cash_line)
  select :business_id, l.voucher_id, l.line_no, l.account_code, i.dated_on, i.kind = 'close',
         l.debit_fen, l.credit_fen, l.memo, l.party_id, l.cash_line
  from unnest(:line_vouchers::uuid[], :line_nos::int[], :line_accounts::text[],
              :line_debits::bigint[], :line_credits::bigint[], :line_memos::text[],
              :line_parties::uuid[], :line_cash::smallint[])
       as l (voucher_id, line_no, account_code, debit_fen, credit_fen, memo, party_id, cash_line)
  join incoming i on i.id = l.voucher_id
)
select id, number from made;

-- name: voucher
-- One voucher with its lines.
select v.id, v.word, v.number, v.dated_on, v.summary, v.kind, v.template_id, v.source_event,
       v.reverses, v.created_at,
       (select jsonb_agg(jsonb_build_object(
                 'line_no', l.line_no, 'account', l.account_code, 'debit_fen', l.debit_fen,
                 'credit_fen', l.credit_fen, 'memo', l.memo, 'party', p.name,
                 'cash_line', l.cash_line) order by l.line_no)
        from bookkeeping.lines l
        left join bookkeeping.parties p on p.business_id = l.business_id and p.id = l.party_id
        where l.business_id = v.business_id and l.voucher_id = v.id) as lines
from bookkeeping.vouchers v
where v.business_id = :business_id and v.id = :id;

-- name: voucher_of_event
-- The voucher an event made, so that what it booked can be taken back.
select id from bookkeeping.vouchers
where business_id = :business_id and source_event = :source_event;

-- name: vouchers_page
-- Vouchers in the order of the books, of a span of dates.
select v.id, v.word, v.number, v.dated_on, v.summary, v.kind, v.template_id, v.source_event,
       v.reverses, v.created_at,
       (select jsonb_agg(jsonb_build_object(
                 'line_no', l.line_no, 'account', l.account_code, 'debit_fen', l.debit_fen,
                 'credit_fen', l.credit_fen, 'memo', l.memo, 'party', p.name,
                 'cash_line', l.cash_line) order by l.line_no)
        from bookkeeping.lines l
        left join bookkeeping.parties p on p.business_id = l.business_id and p.id = l.party_id
        where l.business_id = v.business_id and l.voucher_id = v.id) as lines
from bookkeeping.vouchers v
where v.business_id = :business_id
  and v.dated_on >= :from_on and v.dated_on < :until_on
  and (v.dated_on, v.number, v.id) > (:after_on::date, :after_number::int, :after_id::uuid)
order by v.dated_on, v.number, v.id
limit :limit;

-- name: is_reversed
-- Whether a red-letter voucher already takes this one back.
select exists (select from bookkeeping.vouchers
               where business_id = :business_id and reverses = :id) as reversed;

-- name: periods
-- All months of the books.
select month_on, state, last_number, closed_at from bookkeeping.periods
where business_id = :business_id order by month_on;

-- name: lock_period
-- The month that is about to be closed; vouchers for it wait on this row.
select month_on, state, last_number, closed_at from bookkeeping.periods
where business_id = :business_id and month_on = :month_on for no key update;

-- name: earliest_open
-- The first month before this one that is still open: months close in order.
select min(month_on) as month_on from bookkeeping.periods
where business_id = :business_id and state = 'open' and month_on < :month_on;

-- name: profit_balances
-- What income and expense accounts and 3103 hold at the end of a month.
select t.account_code as account, sum(t.debit_fen - t.credit_fen)::bigint as balance_fen
from bookkeeping.month_totals t
where t.business_id = :business_id and t.month_on <= :month_on
  and (t.account_code like '5%' or t.account_code = '3103')
group by t.account_code having sum(t.debit_fen - t.credit_fen) <> 0
order by t.account_code;

-- name: close_period
-- A month without vouchers is closed as well.
insert into bookkeeping.periods as p (business_id, month_on, state, closed_at, closed_by)
values (:business_id, :month_on, 'closed', :now, :principal)
on conflict (business_id, month_on) do update
set state = 'closed', closed_at = excluded.closed_at, closed_by = excluded.closed_by
returning p.month_on, p.state, p.last_number, p.closed_at;
