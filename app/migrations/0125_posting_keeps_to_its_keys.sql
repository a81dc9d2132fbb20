-- migrate:up
-- A plan made while the tables were small read all used keys at every posting until statistics
-- came: the plans of a posting go by the keys from the first row on.

set role ledger_owner;
alter function ledger.post set enable_seqscan = off;
reset role;

-- migrate:down
-- forward only
