-- name: add_application
-- A draft of the owner's, or what a portal handed over.
insert into onboarding.applications (business_id, id, client_id, client_reference, registration_id,
  branch, account_class, opening, terms, account_name, uscc, entity_type, area_code,
  licence_number, licence_until, capital_fen, established_on, purpose, expected_monthly_fen,
  private, applied_by, number, due_at, created_at)
values (:business_id, :id, :client_id, :client_reference, :registration_id, :branch,
  :account_class, :opening, :terms, :account_name, :uscc, :entity_type, :area_code,
  :licence_number, :licence_until, :capital_fen, :established_on, :purpose, :expected_monthly_fen, :private,
  :applied_by, :number, :due_at, :now);

-- name: application
-- One application as stored.
select business_id, id, client_id, client_reference, registration_id, state, version, round,
  branch, account_class, opening, terms, account_name, uscc, entity_type, area_code,
  licence_number, licence_until, capital_fen, established_on, purpose, expected_monthly_fen,
  private, applied_by, number, risk_score, reason_codes, route, risk_version, device_mark,
  decision_codes, account_id, filing_number, filing_refused_code, due_at,
  created_at, submitted_at, ended_at
from onboarding.applications where business_id = :business_id and id = :id;

-- name: lock_application
-- One application, kept from others until this work ends.
select business_id, id, client_id, client_reference, registration_id, state, version, round,
  branch, account_class, opening, terms, account_name, uscc, entity_type, area_code,
  licence_number, licence_until, capital_fen, established_on, purpose, expected_monthly_fen,
  private, applied_by, number, risk_score, reason_codes, route, risk_version, device_mark,
  decision_codes, account_id, filing_number, filing_refused_code, due_at,
  created_at, submitted_at, ended_at
from onboarding.applications where business_id = :business_id and id = :id for no key update;

-- name: applications
-- A firm applies a few times in its life.
select business_id, id, client_id, client_reference, registration_id, state, version, round,
  branch, account_class, opening, terms, account_name, uscc, entity_type, area_code,
  licence_number, licence_until, capital_fen, established_on, purpose, expected_monthly_fen,
  private, applied_by, number, risk_score, reason_codes, route, risk_version, device_mark,
  decision_codes, account_id, filing_number, filing_refused_code, due_at,
  created_at, submitted_at, ended_at
from onboarding.applications where business_id = :business_id order by id desc limit 50;

-- name: under_way
-- Whether the firm already has or seeks a basic account.
select exists (
  select from onboarding.applications
  where business_id = :business_id and account_class = 'basic'
    and state in ('draft', 'submitted', 'reviewing', 'returned', 'approved', 'active')
);

-- name: has_own_basic_account
-- The firm's own basic account with us.
select exists (select from onboarding.basic_accounts where business_id = :business_id);

-- name: edit_application
-- The application again, as its editor saw it.
update onboarding.applications
set version = version + 1, registration_id = :registration_id, branch = :branch,
    account_class = :account_class, opening = :opening, terms = :terms,
    account_name = :account_name, uscc = :uscc,
    entity_type = :entity_type, area_code = :area_code, licence_number = :licence_number,
    licence_until = :licence_until, capital_fen = :capital_fen,
    established_on = :established_on, purpose = :purpose,
    expected_monthly_fen = :expected_monthly_fen, private = :private, number = :number
where business_id = :business_id and id = :id;

-- name: move_application
-- Every change of state is one of these.
update onboarding.applications
set state = :state, version = version + 1, due_at = :due_at, ended_at = :ended_at,
    decision_codes = :codes,
    round = round + case when :state = 'submitted' then 1 else 0 end,
    submitted_at = case when :state = 'submitted' then :now else submitted_at end
where business_id = :business_id and id = :id;

-- name: set_number
-- The number kept for the application.
update onboarding.applications set number = :number
where business_id = :business_id and id = :id;

-- name: device_of_session
-- What the signed-in person's device is called.
select device from identity.sessions where person_id = :person_id and id = :session_id;

-- name: set_device
-- By which device the application was sent.
update onboarding.applications set device_mark = :device_mark
where business_id = :business_id and id = :id;

-- name: activate
-- The account exists.
update onboarding.applications
set state = 'active', version = version + 1, account_id = :account_id, due_at = null,
    ended_at = :now
where business_id = :business_id and id = :id;

-- name: claim_basic_account
-- The one basic account of a firm: the code is the key, the first one has it.
insert into onboarding.basic_accounts (uscc, business_id, application_id, account_id, opened_at)
values (:uscc, :business_id, :application_id, :account_id, :now)
on conflict (uscc) do nothing;

-- name: lapsed
-- What nobody has acted on within its term, over all firms, for the clock.
select business_id, application_id from onboarding.lapsed_applications(:now, :most);

-- name: attach
-- A document; the same kind again takes the place of the last.
insert into onboarding.application_documents
  (business_id, application_id, kind, file_id, client_id, attached_at)
values (:business_id, :application_id, :kind, :file_id, :client_id, :now)
on conflict (business_id, application_id, kind) do update
  set file_id = excluded.file_id, attached_at = excluded.attached_at;

-- name: documents
-- What has been attached.
select kind, file_id, attached_at from onboarding.application_documents
where business_id = :business_id and application_id = :application_id order by kind;

-- name: file_exists
-- Only a file of the firm's own may be attached.
select exists (select from files.files where business_id = :business_id and id = :file_id);

-- name: add_turn
-- A step of the timeline.
insert into onboarding.application_turns
  (business_id, id, application_id, client_id, state, acted, codes, at)
values (:business_id, :id, :application_id, :client_id, :state, :acted, :codes, :now);

-- name: turns
-- The timeline, oldest first.
select state, acted, codes, at from onboarding.application_turns
where business_id = :business_id and application_id = :application_id order by id limit 200;
