-- name: lock_loan
-- A loan while money moves for it: its debits happen one after another.
select id, number, facility_id, product_code, account_id, principal_fen, outstanding_fen, purpose,
       method, instalment_count, day_count, annual_rate_ppm, prime_rate_ppm, penalty_rate_ppm,
       principal_first_after_days, annual_cost_simple_ppm, annual_cost_compound_ppm, disbursed_on,
       matures_on, state, category, overdue_days, accrued_interest_fen, accrued_until_on,
       contract_file_id, drawn_at, version
from lending.loans where business_id = :business_id and id = :id for no key update;

-- name: dates_to_serve
-- After days that were missed: each date on which a debit would have come out differently, in
-- order. What was overdue is tried on the first of them, each new due on its own day.
select distinct d from (
  select l.serviced_on + 1 as d from lending.loans l
  where l.business_id = :business_id and l.id = :loan_id and l.state = 'overdue'
  union all
  select i.due_on from lending.instalments i
  where i.business_id = :business_id and i.loan_id = :loan_id and i.state = 'planned'
  union all
  select :on::date) as days (d)
where d <= :on::date order by d;

-- name: dues
-- Unpaid instalments that have fallen due, with the debits made for each so far.
select i.no, i.kind, i.from_on, i.due_on, i.principal_fen, i.interest_fen, i.penalty_fen,
       i.paid_principal_fen, i.paid_interest_fen, i.paid_penalty_fen, i.penalty_from_on, i.state,
       (select count(*) from lending.repayments r
        where r.business_id = :business_id and r.loan_id = i.loan_id
          and r.instalment_no = i.no)::int as parts
from lending.instalments i
where i.business_id = :business_id and i.loan_id = :loan_id
  and i.state in ('planned', 'overdue') and i.due_on <= :on
order by i.due_on, i.no;

-- name: planned
-- Instalments that have not fallen due.
select no, kind, from_on, due_on, principal_fen, interest_fen, penalty_fen, paid_principal_fen,
       paid_interest_fen, paid_penalty_fen, penalty_from_on, state
from lending.instalments
where business_id = :business_id and loan_id = :loan_id and state = 'planned' and due_on > :on
order by due_on, no;

-- name: take_shares
-- What was taken, on the instalments: the penalty is fixed up to the day and grows anew from it.
update lending.instalments i
set paid_principal_fen = i.paid_principal_fen + s.principal,
    paid_interest_fen = i.paid_interest_fen + s.interest,
    paid_penalty_fen = i.paid_penalty_fen + s.penalty,
    penalty_fen = s.owed_penalty, penalty_from_on = greatest(i.penalty_from_on, :on::date),
    state = s.state
from unnest(:nos::int[], :principals::bigint[], :interests::bigint[], :penalties::bigint[],
            :owed_penalties::bigint[], :states::text[])
  as s (no, principal, interest, penalty, owed_penalty, state)
where i.business_id = :business_id and i.loan_id = :loan_id and i.no = s.no;

-- name: keep_repayments
-- One row for each ledger entry, under the same key.
insert into lending.repayments (business_id, loan_id, instalment_no, seq, paid_on, principal_fen,
  interest_fen, penalty_fen, entry_kind, business_key, paid_at)
select :business_id, :loan_id, s.no, s.part, :paid_on, s.principal, s.interest, s.penalty,
       :entry_kind, s.key, :now
from unnest(:nos::int[], :parts::int[], :principals::bigint[], :interests::bigint[],
            :penalties::bigint[], :keys::text[])
  as s (no, part, principal, interest, penalty, key);

-- name: settle_day
-- How the loan stands after the day's debit.
update lending.loans l
set outstanding_fen = l.outstanding_fen - :principal_fen, overdue_days = :overdue_days,
    serviced_on = greatest(l.serviced_on, :on::date), version = l.version + 1,
    state = case when :overdue_days > 0 or exists (
                   select from lending.instalments i
                   where i.business_id = :business_id and i.loan_id = l.id and i.state = 'overdue')
                 then 'overdue'
                 when l.outstanding_fen = :principal_fen then 'settled' else 'active' end,
    accrued_interest_fen = case when l.outstanding_fen = :principal_fen then 0
                           else greatest(l.accrued_interest_fen - :interest_fen, 0) end,
    category = coalesce((
      select f.category from lending.category_floors f
      where f.valid @> :on::date and f.over_days < :overdue_days::int
      order by f.over_days desc limit 1), 'normal')
where l.business_id = :business_id and l.id = :id;

-- name: last_no
-- The highest instalment number used, also by rows that were replaced.
select max(no) from lending.instalments where business_id = :business_id and loan_id = :loan_id;

-- name: supersede_planned
-- Rows that a prepayment replaces stay, as what was planned once.
update lending.instalments set state = 'superseded'
where business_id = :business_id and loan_id = :loan_id and state = 'planned';

-- name: keep_prepayment
-- A prepayment is an instalment of its own day, paid at once.
insert into lending.instalments (business_id, loan_id, no, kind, from_on, due_on, principal_fen,
  interest_fen, paid_principal_fen, paid_interest_fen, penalty_from_on, state)
values (:business_id, :loan_id, :no, 'prepayment', :from_on, :on, :principal_fen, :interest_fen,
  :principal_fen, :interest_fen, :on, 'paid');

-- name: loans_to_service
-- Over all firms, as nightly: loans with unpaid dues not looked at for this date yet.
select business_id, loan_id
from lending.loans_to_service(:on, :after_business, :after_loan, :row_limit);

-- name: accrue
-- Over all firms, as nightly: interest earned, days overdue and category of every living loan.
select lending.accrue(:on);
