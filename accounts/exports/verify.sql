-- name: done_export_without_its_file
-- What is said to be there is there.
select e.business_id, e.id from accounts.exports e
left join files.files f on f.business_id = e.business_id and f.id = e.file_id
where e.state = 'done' and f.id is null;

-- name: export_has_other_lines_than_its_range
-- The numbers of an account have no gaps, so that a range has as many lines as numbers.
select e.business_id, e.id from accounts.exports e
where e.lines <> (e.frame ->> 'last_seq')::bigint - (e.frame ->> 'after_seq')::bigint
   or (e.frame ->> 'opening_fen')::bigint + (e.frame ->> 'came_in_fen')::bigint
      - (e.frame ->> 'went_out_fen')::bigint <> (e.frame ->> 'closing_fen')::bigint;
