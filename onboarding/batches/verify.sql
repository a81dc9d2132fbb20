-- name: batch_finished_with_waiting_rows
-- A finished batch has a result for every row, and as many rows as it says.
select b.client_id, b.id from onboarding.handover_batches b
where (b.state = 'finished' and exists (
    select from onboarding.handover_rows r
    where r.client_id = b.client_id and r.batch_id = b.id and r.state = 'waiting'))
  or b.row_count <> (select count(*) from onboarding.handover_rows r
    where r.client_id = b.client_id and r.batch_id = b.id);

-- name: row_of_a_batch_without_its_application
-- What a row has become can be found under its portal and reference.
select r.client_id, r.batch_id, r.row_no
from onboarding.handover_rows r
left join onboarding.handovers h on h.client_id = r.client_id
  and h.client_reference = r.client_reference and h.application_id = r.application_id
where r.application_id is not null and h.application_id is null;
