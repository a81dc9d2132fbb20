-- name: add_entry
-- The desk puts somebody on a list.
insert into accounts.watch_list
  (id, list, kind, name, pinyin, id_index, reason, source, valid, added_by, added_at)
values (:id, :list, :kind, :name, :pinyin, :id_index, :reason, :source,
  daterange(:from_on::date, :until_on::date), :principal, :now)
returning id, list, kind, name, id_index is not null as by_id, reason, source,
  lower(valid) as from_on, upper(valid) as until_on, added_at;

-- name: candidates
-- Entries in force that share an id, a name or a sound with those looked for.
select id, list, kind, name, pinyin, id_index, reason
from accounts.watch_list
where valid @> :today::date
  and (id_index = any(:id_indexes::bytea[]) or name = any(:names::text[])
       or pinyin = any(:sounds::text[]))
order by id limit 100;

-- name: entries
-- The lists as the desk reads them, newest first.
select id, list, kind, name, id_index is not null as by_id, reason, source,
  lower(valid) as from_on, upper(valid) as until_on, added_at
from accounts.watch_list
where (:before::uuid is null or id < :before::uuid)
order by id desc limit :most;
