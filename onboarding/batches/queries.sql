-- name: add_batch
-- A reference stands for one batch.
insert into onboarding.handover_batches (client_id, id, batch_reference, row_count, made_at)
values (:client_id, :id, :batch_reference, :row_count, :now)
on conflict (client_id, batch_reference) do nothing;

-- name: batch_of
-- Which batch stands under a reference.
select id from onboarding.handover_batches
where client_id = :client_id and batch_reference = :batch_reference;

-- name: add_rows
-- The rows as they came, sealed, by one statement.
insert into onboarding.handover_rows
  (client_id, batch_id, row_no, id, content_sealed, client_reference)
select :client_id, :batch_id, row_no, id, sealed, nullif(reference, '')
from unnest(:row_nos::int[], :ids::uuid[], :sealed::bytea[], :references::text[])
  r(row_no, id, sealed, reference);

-- name: batch
-- A batch and its rows by state.
select b.id, b.batch_reference, b.state, b.round, b.row_count, b.made_at, b.finished_at,
  count(*) filter (where r.state = 'waiting')::int as waiting,
  count(*) filter (where r.state = 'taken')::int as taken,
  count(*) filter (where r.state = 'known')::int as known,
  count(*) filter (where r.state = 'refused')::int as refused
from onboarding.handover_batches b
join onboarding.handover_rows r on r.client_id = b.client_id and r.batch_id = b.id
where b.client_id = :client_id and b.id = :id
group by b.client_id, b.id;

-- name: batches
-- The portal's batches, newest first.
select b.id, b.batch_reference, b.state, b.round, b.row_count, b.made_at, b.finished_at,
  c.waiting, c.taken, c.known, c.refused
from onboarding.handover_batches b
cross join lateral (
  select count(*) filter (where r.state = 'waiting')::int as waiting,
    count(*) filter (where r.state = 'taken')::int as taken,
    count(*) filter (where r.state = 'known')::int as known,
    count(*) filter (where r.state = 'refused')::int as refused
  from onboarding.handover_rows r where r.client_id = b.client_id and r.batch_id = b.id) c
where b.client_id = :client_id and b.id < :before
order by b.id desc limit :most;

-- name: rows
-- What became of the rows, in their order.
select row_no, client_reference, state, application_id, problem, tries, tried_at
from onboarding.handover_rows
where client_id = :client_id and batch_id = :batch_id and row_no > :after
  and (:state = '' or state = :state)
order by row_no limit :most;

-- name: lock_batch
-- One change of a batch's rows at a time.
select state from onboarding.handover_batches
where client_id = :client_id and id = :id for no key update;

-- name: refused_rows
-- Which rows may be sent again, and their ids.
select row_no, id, content_sealed from onboarding.handover_rows
where client_id = :client_id and batch_id = :batch_id and state = 'refused' order by row_no;

-- name: wait_again
-- Refused rows once more, with what they say now.
update onboarding.handover_rows r
set state = 'waiting', problem = null, content_sealed = n.sealed,
    client_reference = coalesce(nullif(n.reference, ''), r.client_reference)
from unnest(:row_nos::int[], :sealed::bytea[], :references::text[]) n(row_no, sealed, reference)
where r.client_id = :client_id and r.batch_id = :batch_id and r.row_no = n.row_no
  and r.state = 'refused';

-- name: work_again
-- The batch is at work once more.
update onboarding.handover_batches set state = 'working', round = round + 1, finished_at = null
where client_id = :client_id and id = :id;

-- name: next_row
-- A row that nobody works on.
select row_no, id, content_sealed from onboarding.handover_rows
where client_id = :client_id and batch_id = :batch_id and state = 'waiting'
order by row_no limit 1 for no key update skip locked;

-- name: row_taken
-- The row has become an application, or its reference stood for one already.
update onboarding.handover_rows
set state = :state, application_id = :application_id, content_sealed = null,
    tries = tries + 1, tried_at = :now
where client_id = :client_id and batch_id = :batch_id and row_no = :row_no;

-- name: row_refused
-- The row was refused, and why.
update onboarding.handover_rows
set state = 'refused', problem = :problem, tries = tries + 1, tried_at = :now
where client_id = :client_id and batch_id = :batch_id and row_no = :row_no;

-- name: finish
-- Every row has its result.
update onboarding.handover_batches b set state = 'finished', finished_at = :now
where b.client_id = :client_id and b.id = :id and b.state = 'working' and not exists (
  select from onboarding.handover_rows r
  where r.client_id = b.client_id and r.batch_id = b.id and r.state = 'waiting');
