-- name: next_number
-- The number of a contract, for people.
select 'JK' || to_char(:today::date, 'YYYYMMDD')
       || lpad(nextval('lending.contract_numbers')::text, 8, '0');

-- name: keep_loan
-- A loan with the terms of the day it was drawn.
insert into lending.loans (business_id, id, number, facility_id, product_code, account_id,
  principal_fen, outstanding_fen, purpose, method, instalment_count, day_count, annual_rate_ppm,
  prime_rate_ppm, penalty_rate_ppm, principal_first_after_days, annual_cost_simple_ppm,
  annual_cost_compound_ppm, disbursed_on, matures_on, state, accrued_until_on,
  serviced_on, drawn_at)
values (:business_id, :id, :number, :facility_id, :product_code, :account_id, :principal_fen,
  :principal_fen, :purpose, :method, :instalment_count, :day_count, :annual_rate_ppm,
  :prime_rate_ppm, :penalty_rate_ppm, :principal_first_after_days, :annual_cost_simple_ppm,
  :annual_cost_compound_ppm, :today, :matures_on, 'active', :today,
  :today, :now);

-- name: keep_instalments
-- The rows of a schedule, in one statement.
insert into lending.instalments (business_id, loan_id, no, kind, from_on, due_on, principal_fen,
  interest_fen, penalty_from_on, state)
select :business_id, :loan_id, r.no, 'scheduled', r.from_on, r.due_on, r.principal, r.interest,
       r.due_on, 'planned'
from unnest(:nos::int[], :from_ons::date[], :due_ons::date[], :principals::bigint[],
            :interests::bigint[]) as r (no, from_on, due_on, principal, interest);

-- name: loan
-- One loan of the firm.
select id, number, facility_id, product_code, account_id, principal_fen, outstanding_fen, purpose,
       method, instalment_count, day_count, annual_rate_ppm, prime_rate_ppm, penalty_rate_ppm,
       principal_first_after_days, annual_cost_simple_ppm, annual_cost_compound_ppm, disbursed_on,
       matures_on, state, category, overdue_days, accrued_interest_fen, accrued_until_on,
       contract_file_id, drawn_at, version
from lending.loans where business_id = :business_id and id = :id;

-- name: loans
-- One page of the firm's loans, newest first.
select id, number, facility_id, product_code, account_id, principal_fen, outstanding_fen, purpose,
       method, instalment_count, day_count, annual_rate_ppm, prime_rate_ppm, penalty_rate_ppm,
       principal_first_after_days, annual_cost_simple_ppm, annual_cost_compound_ppm, disbursed_on,
       matures_on, state, category, overdue_days, accrued_interest_fen, accrued_until_on,
       contract_file_id, drawn_at, version
from lending.loans
where business_id = :business_id
  and (:after_at::timestamptz is null or (drawn_at, id) < (:after_at, :after_id::uuid))
order by drawn_at desc, id desc limit :row_limit;

-- name: instalments
-- The schedule of a loan as it stands: rows replaced after a prepayment are left out.
select no, kind, from_on, due_on, principal_fen, interest_fen, penalty_fen, paid_principal_fen,
       paid_interest_fen, paid_penalty_fen, penalty_from_on, state
from lending.instalments
where business_id = :business_id and loan_id = :loan_id and state <> 'superseded'
order by due_on, no;

-- name: file_contract
-- The rendered contract, once.
update lending.loans set contract_file_id = :file_id
where business_id = :business_id and id = :id and contract_file_id is null;

-- name: parties
-- The names on a contract.
select d.name, d.uscc, a.number as account_number
from identity.business_directory d
join accounts.deposits a on a.business_id = d.business_id
where d.business_id = :business_id and a.id = :account_id;
