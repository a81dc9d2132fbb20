-- name: add_file
-- What lies on disk under this id; the row makes it exist.
insert into files.files
  (business_id, id, kind, name_sealed, media_type, size_bytes, sha256,
   received_sha256, keep_until, stored_by, stored_at)
values (:business_id, :id, :kind, :name_sealed, :media_type, :size_bytes, :sha256,
        :received_sha256, :keep_until, :principal, :now);

-- name: find_file
-- A file of the firm.
select business_id, id, kind, name_sealed, media_type, size_bytes, sha256, received_sha256,
  keep_until, stored_at
from files.files where business_id = :business_id and id = :id;
