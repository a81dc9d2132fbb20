-- name: policy_on
-- The value in force on a day; the key's exclusion allows one at most.
select value from accounts.policies where kind = :kind and valid @> :on::date;
