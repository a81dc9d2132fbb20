-- migrate:up
-- What keeps the queue's own tables short: finding what may be forgotten, and what is under way.

-- Rows are appended in the order of time, so a few pages of index find the old ones.
create index outbox_by_age on core.outbox using brin (created_at);
create index jobs_by_age on core.jobs using brin (created_at);
create index idempotency_by_age on core.idempotency using brin (created_at);
create index jobs_under_way on core.jobs (job) where state in ('due', 'running');

-- migrate:down
-- forward only
