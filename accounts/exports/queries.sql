-- name: add_export
-- An order with its range as it stands now.
insert into accounts.exports (business_id, id, account_id, form, frame, lines, asked_by, asked_at)
values (:business_id, :id, :account_id, :form, :frame, :lines, :person_id, :now);

-- name: export
-- One export of the firm.
select id, account_id, form, state, frame, lines, lines_done, pages, pages_done, parts, after_on,
       after_seq, size_bytes, file_id, reason, asked_at, finished_at, expires_on
from accounts.exports where business_id = :business_id and id = :id;

-- name: exports_page
-- Newest first; one row more than the page.
select id, account_id, form, state, frame, lines, lines_done, pages, pages_done, parts, after_on,
       after_seq, size_bytes, file_id, reason, asked_at, finished_at, expires_on
from accounts.exports
where business_id = :business_id
  and (:account_id::uuid is null or account_id = :account_id)
  and (:after_at::timestamptz is null or (asked_at, id) < (:after_at, :after_id::uuid))
order by asked_at desc, id desc limit :limit::int + 1;

-- name: plan_pages
-- How many pages the document will have.
update accounts.exports set pages = :pages
where business_id = :business_id and id = :id and state = 'asked';

-- name: move_on
-- One piece further; a piece that somebody else has finished meanwhile moves nothing.
update accounts.exports
set parts = parts + 1, lines_done = lines_done + :lines, pages_done = pages_done + :pages,
    size_bytes = size_bytes + :size_bytes, after_on = :after_on, after_seq = :after_seq
where business_id = :business_id and id = :id and state = 'asked' and parts = :no;

-- name: add_part
-- A finished piece; its number is the export's own count.
insert into accounts.export_parts (business_id, export_id, no, file_id)
values (:business_id, :export_id, :no, :file_id);

-- name: parts
-- The finished pieces in order.
select no, file_id from accounts.export_parts
where business_id = :business_id and export_id = :export_id order by no;

-- name: finish
-- Done, once.
update accounts.exports
set state = 'done', file_id = :file_id, finished_at = :now, expires_on = :expires_on,
    lines_done = lines
where business_id = :business_id and id = :id and state = 'asked';

-- name: fail
-- It cannot be made, for a reason that people are told.
update accounts.exports set state = 'failed', reason = :reason, finished_at = :now
where business_id = :business_id and id = :id and state = 'asked';

-- name: expire
-- Past their last day in all firms: files whose content may go.
select accounts.expire_exports(:today, :most);
