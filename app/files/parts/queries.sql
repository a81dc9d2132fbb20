-- name: under_way
-- How many uploads of a firm are open: one phone has no use for a hundred.
select count(*)::int from files.uploads where business_id = :business_id and state = 'open';

-- name: add_upload
-- Announced; its parts follow.
insert into files.uploads
  (business_id, id, kind, name_sealed, size_bytes, part_bytes, sha256, begun_by, begun_at,
   expires_at)
values (:business_id, :id, :kind, :name_sealed, :size_bytes, :part_bytes, :sha256, :principal,
        :now, :expires_at);

-- name: upload
-- How far it is.
select business_id, id, kind, name_sealed, size_bytes, part_bytes, sha256, received_parts, state,
  refused_with, file_id, expires_at
from files.uploads where business_id = :business_id and id = :id;

-- name: lock_upload
-- One part at a time.
select business_id, id, kind, name_sealed, size_bytes, part_bytes, sha256, received_parts, state,
  refused_with, file_id, expires_at
from files.uploads where business_id = :business_id and id = :id for no key update;

-- name: one_more_part
-- A part lies on disk: the next one follows.
update files.uploads set received_parts = received_parts + 1
where business_id = :business_id and id = :id;

-- name: finish
-- It is a file now.
update files.uploads set state = 'done', file_id = :file_id
where business_id = :business_id and id = :id;

-- name: refuse
-- What arrived cannot be kept.
update files.uploads set state = 'refused', refused_with = :refused_with
where business_id = :business_id and id = :id;

-- name: expire
-- What nobody went on with, over all firms.
select upload_id, parts from files.expire_uploads(:now, :most);
