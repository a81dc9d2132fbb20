-- name: add_inquiry
-- One document is asked for while the review stays open.
insert into onboarding.inquiries (business_id, id, review_id, application_id, kind, reason,
  asked_by, asked_at, due_at)
values (:business_id, :id, :review_id, :application_id, :kind, :reason, :asked_by, :now, :due_at);

-- name: inquiry
-- One question.
select id, review_id, application_id, kind, reason, state, asked_at, due_at, file_id, ended_at
from onboarding.inquiries where business_id = :business_id and id = :id;

-- name: open_inquiry
-- What a review waits for.
select id, review_id, application_id, kind, reason, state, asked_at, due_at, file_id, ended_at
from onboarding.inquiries
where business_id = :business_id and review_id = :review_id and state = 'open'
for no key update;

-- name: inquiries_of_review
-- Everything that a review's applicant was asked for.
select id, review_id, application_id, kind, reason, state, asked_at, due_at, file_id, ended_at
from onboarding.inquiries
where business_id = :business_id and review_id = :review_id order by asked_at limit 50;

-- name: inquiries
-- What the firm is or was asked for, the newest first.
select id, review_id, application_id, kind, reason, state, asked_at, due_at, file_id, ended_at
from onboarding.inquiries where business_id = :business_id order by asked_at desc limit 50;

-- name: end_inquiry
-- Answered, not needed any more, or its term is over.
update onboarding.inquiries set state = :state, file_id = :file_id, ended_at = :now
where business_id = :business_id and id = :id and state = 'open';

-- name: end_of_application
-- The application has ended: nothing is needed any more.
update onboarding.inquiries set state = 'withdrawn', ended_at = :now
where business_id = :business_id and application_id = :application_id and state = 'open';

-- name: put_document
-- The document takes the place of the last one of its kind.
insert into onboarding.application_documents
  (business_id, application_id, kind, file_id, client_id, attached_at)
values (:business_id, :application_id, :kind, :file_id, :client_id, :now)
on conflict (business_id, application_id, kind) do update
  set file_id = excluded.file_id, attached_at = excluded.attached_at;

-- name: next_version
-- What the reviewers now see is another version: what was said before was said of the last one.
update onboarding.applications set version = version + 1
where business_id = :business_id and id = :id returning version;

-- name: file_exists
-- Only a file of the firm's own may be handed in.
select exists (select from files.files where business_id = :business_id and id = :file_id);

-- name: lapsed
-- What was not answered in its term, over all firms, for the clock.
select business_id, inquiry_id from onboarding.lapsed_inquiries(:now, :most);
