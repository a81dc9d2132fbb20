-- name: loan_schedule_principal
-- The rows of a loan that count do not add up to its principal.
select l.business_id, l.id, l.principal_fen, coalesce(s.total, 0) scheduled_fen
from lending.loans l
left join (select business_id, loan_id, sum(principal_fen) total from lending.instalments
           where state <> 'superseded' group by 1, 2) s
  on s.business_id = l.business_id and s.loan_id = l.id
where l.principal_fen <> coalesce(s.total, 0);

-- name: loan_outstanding
-- A loan's outstanding principal is not what its instalments leave unpaid.
select l.business_id, l.id, l.outstanding_fen, s.unpaid
from lending.loans l
join (select business_id, loan_id, sum(principal_fen - paid_principal_fen) unpaid
      from lending.instalments where state <> 'superseded' group by 1, 2) s
  on s.business_id = l.business_id and s.loan_id = l.id
where l.outstanding_fen <> s.unpaid;

-- name: loan_principal_in_the_ledger
-- What a firm owes in principal is not what the bank's side of its ledger says.
select business_id, sum(owed) owed_fen, sum(booked) booked_fen from (
  select business_id, outstanding_fen owed, 0 booked from lending.loans
  union all
  select business_id, 0, -balance_fen from ledger.accounts where kind = 'loan_principal') b
group by business_id having sum(owed) <> sum(booked);

-- name: instalment_paid_without_repayments
-- What an instalment shows as paid is not what was taken for it.
select i.business_id, i.loan_id, i.no
from lending.instalments i
left join (select business_id, loan_id, instalment_no, sum(principal_fen) principal,
                  sum(interest_fen) interest, sum(penalty_fen) penalty
           from lending.repayments group by 1, 2, 3) r
  on r.business_id = i.business_id and r.loan_id = i.loan_id and r.instalment_no = i.no
where (i.paid_principal_fen, i.paid_interest_fen, i.paid_penalty_fen)
   <> (coalesce(r.principal, 0), coalesce(r.interest, 0), coalesce(r.penalty, 0));

-- name: repayment_without_its_entry
-- A debit that the ledger does not know, or knows with another amount.
select r.business_id, r.loan_id, r.instalment_no, r.seq
from lending.repayments r
join lending.loans l on l.business_id = r.business_id and l.id = r.loan_id
left join ledger.entry_keys k
  on k.business_id = r.business_id and k.kind = r.entry_kind and k.business_key = r.business_key
left join ledger.postings p
  on p.business_id = r.business_id and p.account_id = l.account_id and p.booked_on = k.booked_on
 and p.entry_id = k.entry_id
where p.amount_fen is distinct from -(r.principal_fen + r.interest_fen + r.penalty_fen);

-- name: drawdown_without_its_entry
-- A loan whose principal did not arrive whole in the firm's account.
select l.business_id, l.id
from lending.loans l
left join ledger.entry_keys k
  on k.business_id = l.business_id and k.kind = 'loan_drawdown' and k.business_key = l.id::text
left join ledger.postings p
  on p.business_id = l.business_id and p.account_id = l.account_id and p.booked_on = k.booked_on
 and p.entry_id = k.entry_id
where p.amount_fen is distinct from l.principal_fen;

-- name: facility_used
-- What is used of a limit is not what its loans owe.
select f.business_id, f.id, f.used_fen, coalesce(l.owed, 0) owed_fen
from lending.facilities f
left join (select business_id, facility_id, sum(outstanding_fen) owed from lending.loans
           group by 1, 2) l
  on l.business_id = f.business_id and l.facility_id = f.id
where f.used_fen <> coalesce(l.owed, 0);

-- name: settled_loan_with_open_rows
-- A settled loan has nothing left to pay.
select l.business_id, l.id from lending.loans l
where l.state = 'settled' and exists (
  select from lending.instalments i
  where i.business_id = l.business_id and i.loan_id = l.id and i.state in ('planned', 'overdue'));
