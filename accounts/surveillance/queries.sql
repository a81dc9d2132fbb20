-- name: sealed_until
-- Up to where every firm's day is sealed.
select sealed_until from ledger.closing;

-- name: days_to_survey
-- Business dates that are over and have not been looked through.
select accounts.days_to_survey(:on) as day;

-- name: survey
-- One business date of all firms, once.
select accounts.survey(:day);

-- name: large_reports
-- Reports of the whole bank, those due first at the top.
select business_id, id, booked_on, direction, medium, currency, amount_fen, movements, due_on,
       state, filed_by, filed_at, receipt
from accounts.large_reports
where state = :state
  and (:after_due::date is null
       or (due_on, business_id, id) > (:after_due, :after_business::uuid, :after_id::uuid))
order by due_on, business_id, id limit :most;

-- name: large_report
-- One report.
select business_id, id, booked_on, direction, medium, currency, amount_fen, movements, due_on,
       state, filed_by, filed_at, receipt
from accounts.large_reports where business_id = :business_id and id = :id;

-- name: lock_large_report
-- One report, filed by one person.
select business_id, id, booked_on, direction, medium, currency, amount_fen, movements, due_on,
       state, filed_by, filed_at, receipt
from accounts.large_reports where business_id = :business_id and id = :id for no key update;

-- name: file_large
-- The centre has it.
update accounts.large_reports
set state = 'filed', receipt = :receipt, filed_by = :principal, filed_at = :now
where business_id = :business_id and id = :id;

-- name: movements_of_large
-- What a report is made of, with the other side of each movement.
select l.at, d.number as account_number, l.amount_fen, l.currency, p.payee_name,
       c.id as credit_id, c.payer_name_sealed,
       coalesce(p.payee_account_tail, c.payer_account_tail, '') as tail,
       coalesce(p.payee_bank_code, c.payer_bank_code, '') as bank_code,
       coalesce(p.purpose, '') as purpose, coalesce(nullif(p.memo, ''), c.remark, e.memo) as memo
from accounts.large_reports r
cross join lateral jsonb_array_elements_text(r.entries) x
join ledger.entries e
  on e.business_id = r.business_id and e.booked_on = r.booked_on and e.id = x::uuid
join ledger.postings l
  on l.business_id = e.business_id and l.booked_on = e.booked_on and l.entry_id = e.id
join accounts.deposits d on d.business_id = l.business_id and d.id = l.account_id
left join accounts.payments p
  on p.business_id = l.business_id and l.amount_fen < 0
  and p.id = case when e.kind = 'payment' then e.business_key::uuid end
left join accounts.incoming_credits c
  on c.business_id = l.business_id and l.amount_fen > 0 and c.reference = e.business_key
  and c.source = case e.kind when 'payment' then 'in_bank' when 'credit' then 'outside' end
where r.business_id = :business_id and r.id = :id
order by l.at, l.account_id, l.seq limit 20000;

-- name: movements_of_case
-- All of the firm's movements over the days of a case.
select l.at, d.number as account_number, l.amount_fen, l.currency, p.payee_name,
       c.id as credit_id, c.payer_name_sealed,
       coalesce(p.payee_account_tail, c.payer_account_tail, '') as tail,
       coalesce(p.payee_bank_code, c.payer_bank_code, '') as bank_code,
       coalesce(p.purpose, '') as purpose, coalesce(nullif(p.memo, ''), c.remark, e.memo) as memo
from accounts.deposits d
join ledger.postings l
  on l.business_id = d.business_id and l.account_id = d.id
  and l.booked_on >= :first_on and l.booked_on <= :last_on
join ledger.entries e
  on e.business_id = l.business_id and e.booked_on = l.booked_on and e.id = l.entry_id
left join accounts.payments p
  on p.business_id = l.business_id and l.amount_fen < 0
  and p.id = case when e.kind = 'payment' then e.business_key::uuid end
left join accounts.incoming_credits c
  on c.business_id = l.business_id and l.amount_fen > 0 and c.reference = e.business_key
  and c.source = case e.kind when 'payment' then 'in_bank' when 'credit' then 'outside' end
where d.business_id = :business_id
order by l.at, l.account_id, l.seq limit 20000;

-- name: cases
-- Cases of the whole bank in a state, the oldest first.
select business_id, id, opened_on, patterns, amount_fen, state, claimed_by, lease_until, proposal,
       reason, proposed_by, confirmed_by, confirmed_at, due_on, receipt, filed_at
from accounts.suspicion_cases
where state = :state
  and (:after_on::date is null
       or (opened_on, business_id, id) > (:after_on, :after_business::uuid, :after_id::uuid))
order by opened_on, business_id, id limit :most;

-- name: case_of
-- One case.
select business_id, id, opened_on, patterns, amount_fen, state, claimed_by, lease_until, proposal,
       reason, proposed_by, confirmed_by, confirmed_at, due_on, receipt, filed_at
from accounts.suspicion_cases where business_id = :business_id and id = :id;

-- name: lock_case
-- One case, one decision at a time.
select business_id, id, opened_on, patterns, amount_fen, state, claimed_by, lease_until, proposal,
       reason, proposed_by, confirmed_by, confirmed_at, due_on, receipt, filed_at
from accounts.suspicion_cases where business_id = :business_id and id = :id for no key update;

-- name: suspicions
-- What was found, oldest first.
select id, pattern, found_on, amount_fen, facts from accounts.suspicions
where business_id = :business_id and case_id = :case_id order by found_on, pattern limit 1000;

-- name: span
-- The days a case is about: three before the first finding, for what led to it.
select min(found_on) - 3 as first_on, max(found_on) as last_on from accounts.suspicions
where business_id = :business_id and case_id = :case_id;

-- name: notes
-- What staff wrote, oldest first.
select id, staff_id, text, at from accounts.case_notes
where business_id = :business_id and case_id = :case_id order by at, id limit 1000;

-- name: add_note
-- A note is never changed.
insert into accounts.case_notes (business_id, id, case_id, staff_id, text, at)
values (:business_id, :id, :case_id, :staff_id, :text, :now);

-- name: set_claim
-- Taken for an hour.
update accounts.suspicion_cases set claimed_by = :claimed_by, lease_until = :lease_until
where business_id = :business_id and id = :id;

-- name: propose
-- One person's judgement; the next confirms it.
update accounts.suspicion_cases
set state = 'proposed', proposal = :proposal, reason = :reason, proposed_by = :staff_id,
    claimed_by = null, lease_until = null
where business_id = :business_id and id = :id;

-- name: send_back
-- Not convinced: the case is open again.
update accounts.suspicion_cases
set state = 'open', proposal = null, reason = null, proposed_by = null
where business_id = :business_id and id = :id;

-- name: settle
-- Two people agree; a reported case is due within the statute's working days.
update accounts.suspicion_cases
set state = :state, confirmed_by = :staff_id, confirmed_at = :now,
    due_on = case when :state = 'reported' then accounts.working_day_after(:today, (
      select (v.value ->> 'report_working_days')::int from reference.statutory_values v
      where v.kind = 'aml.large_value' and v.region = 'CN' and v.valid @> :today::date)) end
where business_id = :business_id and id = :id;

-- name: file_case
-- The centre has it.
update accounts.suspicion_cases set receipt = :receipt, filed_at = :now
where business_id = :business_id and id = :id;

-- name: numbers
-- The customer's accounts.
select number from accounts.deposits where business_id = :business_id order by number;
