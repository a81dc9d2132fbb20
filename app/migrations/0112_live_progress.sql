-- migrate:up
-- Steps of a stream one after the other, and what is new in many streams by one look.

-- Two that write to one stream at the same moment wait for each other instead of one failing.
create function core.append_progress(p_business uuid, p_stream uuid, p_event text, p_facts jsonb,
  p_now timestamptz) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('progress:' || p_stream::text, 0));
  insert into core.progress (business_id, stream_id, seq, event, facts, at)
  select p_business, p_stream, coalesce(max(seq), 0) + 1, p_event, p_facts, p_now
  from core.progress where business_id = p_business and stream_id = p_stream;
end $$;

-- The last number of each stream that somebody watches: numbers only, never what was said. One
-- look for a whole process takes the place of one for each of its open streams.
create function core.progress_heads(p_businesses uuid[], p_streams uuid[])
  returns table (stream_id uuid, head int) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select u.stream, (select p.seq from core.progress p
                    where p.business_id = u.business and p.stream_id = u.stream
                    order by p.seq desc limit 1)
  from unnest(p_businesses, p_streams) as u (business, stream);
end;
revoke execute on function core.progress_heads from public;
grant execute on function core.progress_heads to app;

-- migrate:down
-- forward only
