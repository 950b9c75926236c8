"""What an organization may use is read and counted by functions of the database.

Each is one round trip, and keeps its plan for the connection. Those that change something hold the
lock of the organization's feature until their transaction ends, so they are exact at any
concurrency. See docs/adr/0140-entitlements-are-functions-of-the-database.md.
"""

from django.db import migrations

FORWARDS = """
CREATE TYPE entitlement_standing AS (
    organization_id uuid, feature text, kind text, allowance bigint, soft boolean, granted bigint,
    used bigint, burnt bigint, reserved bigint, alerted smallint,
    period_start timestamptz, period_end timestamptz
);

-- The period that is counted from the anchor's local time (without one: by the calendar) and that
-- the instant is in. A zone that Python knows and PostgreSQL doesn't is taken for UTC.
CREATE FUNCTION entitlement_period(
    anchor timestamptz, zone text, unit text, at timestamptz,
    OUT starts timestamptz, OUT ends timestamptz
) LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
    origin timestamp;
    local timestamp;
    step interval := ('1 ' || unit)::interval;
    n integer;
BEGIN
    BEGIN
        local := at AT TIME ZONE zone;
    EXCEPTION WHEN invalid_parameter_value THEN
        zone := 'UTC';
        local := at AT TIME ZONE zone;
    END;
    origin := coalesce(anchor AT TIME ZONE zone, '2001-01-01');  -- a Monday
    n := CASE unit
        WHEN 'day' THEN local::date - origin::date
        WHEN 'week' THEN (local::date - origin::date) / 7
        WHEN 'month' THEN (extract(year FROM local) - extract(year FROM origin)) * 12
            + extract(month FROM local) - extract(month FROM origin)
        WHEN 'year' THEN extract(year FROM local) - extract(year FROM origin)
    END;
    starts := (origin + n * step) AT TIME ZONE zone;
    WHILE starts > at LOOP
        n := n - 1;
        starts := (origin + n * step) AT TIME ZONE zone;
    END LOOP;
    ends := (origin + (n + 1) * step) AT TIME ZONE zone;
    WHILE ends <= at LOOP
        n := n + 1;
        starts := ends;
        ends := (origin + (n + 1) * step) AT TIME ZONE zone;
    END LOOP;
END $$;

-- A row for each feature that a plan in force, its add-ons or a grant says anything of.
CREATE FUNCTION entitlement_standings(organizations uuid[], features text[], at timestamptz)
RETURNS SETOF entitlement_standing LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
-- Left to itself PostgreSQL plans anew for every array, which takes ten times as long as the rest.
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH customers AS (
        SELECT o.id, coalesce(c.plan, 'free') AS plan, s.id AS subscription_id,
            coalesce(s.time_zone, c.time_zone, 'UTC') AS zone,
            CASE WHEN s.calendar IS FALSE THEN s.anchor_at END AS anchor
        FROM unnest(organizations) AS o (id)
        LEFT JOIN customer c ON c.organization_id = o.id
        LEFT JOIN subscription s ON s.organization_id = o.id
            AND s.state IN ('trialing', 'active', 'past_due')
    ), grants AS (
        SELECT g.organization_id AS id, g.feature, sum(g.remaining)::bigint AS granted
        FROM entitlement_grant g
        WHERE g.organization_id = ANY (organizations)
            AND (features IS NULL OR g.feature = ANY (features))
            AND g.effective_at <= at AND (g.expires_at IS NULL OR g.expires_at > at)
        GROUP BY 1, 2
    ), offers AS (
        SELECT c.id, e.key AS feature, e.value AS terms, 1 AS times
        FROM customers c JOIN product p ON p.name = c.plan, jsonb_each(p.entitlements) e
        UNION ALL
        SELECT c.id, e.key, e.value, i.quantity
        FROM customers c
        JOIN subscription_item i ON i.subscription_id = c.subscription_id
            AND i.ended_at IS NULL AND NOT i.is_plan
        JOIN product p ON p.name = i.product AND p.kind = 'add_on', jsonb_each(p.entitlements) e
        UNION ALL
        SELECT g.id, g.feature, NULL, 1 FROM grants g
    ), terms AS (
        SELECT o.id, o.feature,
            coalesce(max(CASE jsonb_typeof(o.terms) WHEN 'boolean' THEN 'boolean'
                WHEN 'object' THEN 'metered' WHEN 'number' THEN 'static'
                WHEN 'null' THEN 'static' END), 'metered') AS kind,
            coalesce(bool_or(o.terms = 'null' OR o.terms -> 'limit' = 'null'), false) AS unlimited,
            coalesce(sum(o.times * CASE jsonb_typeof(o.terms)
                WHEN 'boolean' THEN o.terms::boolean::integer
                WHEN 'object' THEN (o.terms ->> 'limit')::bigint
                WHEN 'number' THEN o.terms::bigint END), 0)::bigint AS allowance,
            coalesce(bool_or((o.terms ->> 'soft')::boolean), false) AS soft,
            coalesce(max(o.terms ->> 'period'), 'month') AS unit
        FROM offers o WHERE features IS NULL OR o.feature = ANY (features) GROUP BY 1, 2
    )
    SELECT t.id, t.feature::text, t.kind,
        -- What is metered burns its grants; elsewhere they raise what is allowed.
        CASE WHEN NOT t.unlimited THEN t.allowance
            + CASE t.kind WHEN 'metered' THEN 0 ELSE coalesce(g.granted, 0) END END,
        t.soft, CASE t.kind WHEN 'metered' THEN coalesce(g.granted, 0) ELSE 0 END,
        coalesce(u.used, 0), coalesce(u.burnt, 0),
        CASE WHEN u.reserved > 0 THEN u.reserved - coalesce((
            SELECT sum(a.amount)::bigint FROM entitlement_allocation a
            WHERE a.organization_id = t.id AND a.feature = t.feature AND a.state = 'reserved'
                AND a.period_start = u.period_start AND a.expires_at <= at
        ), 0) ELSE 0 END,
        coalesce(u.alerted, 0::smallint), coalesce(period.starts, 'epoch'), period.ends
    FROM terms t
    JOIN customers c ON c.id = t.id
    LEFT JOIN grants g ON g.id = t.id AND g.feature = t.feature
    LEFT JOIN LATERAL (
        SELECT * FROM entitlement_period(c.anchor, c.zone, t.unit, at) WHERE t.kind = 'metered'
    ) period ON true
    LEFT JOIN entitlement_consumption u ON u.organization_id = t.id AND u.feature = t.feature
        AND u.period_start = coalesce(period.starts, 'epoch');
END $$;

-- How much more may be taken; null: any amount.
CREATE FUNCTION entitlement_remaining(s entitlement_standing) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT CASE WHEN s.allowance IS NOT NULL
        THEN greatest(s.allowance - (s.used - s.burnt), 0) + s.granted - s.reserved END
$$;

-- The threshold, in percent of all that may be used in the period, that is reached by taking more.
CREATE FUNCTION entitlement_threshold(s entitlement_standing, more bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
    SELECT CASE
        WHEN s.kind <> 'metered' OR s.allowance IS NULL OR s.used + more = 0 THEN 0
        WHEN s.used + more >= s.allowance + s.burnt + s.granted THEN 100
        WHEN (s.used + more) * 100 >= (s.allowance + s.burnt + s.granted) * 80 THEN 80
        ELSE 0 END::smallint
$$;

-- Until the transaction ends nobody else changes how much of the feature is used or held.
CREATE FUNCTION entitlement_lock(the_organization uuid, the_feature text) RETURNS void
LANGUAGE sql VOLATILE SET search_path FROM CURRENT AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(the_organization::text || the_feature, 0))
$$;

-- Takes the amount: what the plan allows first, then grants by priority, expiry and creation.
CREATE FUNCTION entitlement_use(
    new_id uuid, the_amount bigint, at timestamptz, INOUT s entitlement_standing
) LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    owed bigint := 0;
    part bigint;
    burning record;
BEGIN
    IF s.kind = 'metered' AND s.allowance IS NOT NULL THEN
        owed := the_amount - least(the_amount, greatest(s.allowance - (s.used - s.burnt), 0));
    END IF;
    IF owed > 0 AND s.granted > 0 THEN
        FOR burning IN
            SELECT g.id, g.remaining FROM entitlement_grant g
            WHERE g.organization_id = s.organization_id AND g.feature = s.feature
                AND g.remaining > 0 AND g.effective_at <= at
                AND (g.expires_at IS NULL OR g.expires_at > at)
            ORDER BY g.priority, g.expires_at NULLS LAST, g.created_at, g.id FOR UPDATE
        LOOP
            part := least(owed, burning.remaining);
            UPDATE entitlement_grant SET remaining = remaining - part WHERE id = burning.id;
            s.burnt := s.burnt + part;
            s.granted := s.granted - part;
            owed := owed - part;
            EXIT WHEN owed = 0;
        END LOOP;
    END IF;
    s.used := s.used + the_amount;
    INSERT INTO entitlement_consumption AS c
        (id, organization_id, feature, period_start, used, burnt, reserved, alerted)
    VALUES (new_id, s.organization_id, s.feature, s.period_start, s.used, s.burnt, 0, s.alerted)
    ON CONFLICT (organization_id, feature, period_start) DO UPDATE
    SET used = excluded.used, burnt = excluded.burnt, alerted = excluded.alerted;
END $$;

-- Gives back what is reserved, in the period in which it was.
CREATE FUNCTION entitlement_give_back(
    the_organization uuid, the_feature text, period timestamptz, the_amount bigint
) RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
    UPDATE entitlement_consumption SET reserved = reserved - the_amount
    WHERE organization_id = the_organization AND feature = the_feature AND period_start = period
$$;

-- Takes the lock, and gives back every reservation of the feature that has lapsed; says how many.
CREATE FUNCTION entitlement_lapse(the_organization uuid, the_feature text, at timestamptz)
RETURNS integer LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    lapsed record;
    lapses integer := 0;
BEGIN
    PERFORM entitlement_lock(the_organization, the_feature);
    FOR lapsed IN
        UPDATE entitlement_allocation SET state = 'released'
        WHERE organization_id = the_organization AND feature = the_feature
            AND state = 'reserved' AND expires_at <= at
        RETURNING period_start, amount
    LOOP
        PERFORM entitlement_give_back(
            the_organization, the_feature, lapsed.period_start, lapsed.amount);
        lapses := lapses + 1;
    END LOOP;
    RETURN lapses;
END $$;

-- Uses the amount up under the key, or reserves it until it lapses.
CREATE FUNCTION entitlement_allocate(
    new_ids uuid[], the_organization uuid, the_feature text, the_key text, the_amount bigint,
    reserving boolean, lapses_at timestamptz, may_alert boolean, at timestamptz
) RETURNS TABLE (outcome text, standing entitlement_standing)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    known entitlement_allocation;
    s entitlement_standing;
    reached smallint := 0;
BEGIN
    PERFORM entitlement_lapse(the_organization, the_feature, at);
    SELECT * INTO s
        FROM entitlement_standings(ARRAY[the_organization], ARRAY[the_feature], at);
    SELECT * INTO known FROM entitlement_allocation a WHERE a.organization_id = the_organization
        AND a.feature = the_feature AND a.key = the_key;
    outcome := CASE
        WHEN known.state IN ('reserved', 'settled') THEN
            CASE WHEN known.amount = the_amount AND (reserving OR known.state = 'settled')
                THEN 'repeated' ELSE 'key_reused' END
        WHEN s.kind = 'boolean' OR s.kind = 'static' AND NOT reserving THEN 'not_counted'
        WHEN s.kind IS NULL OR NOT s.soft AND the_amount > entitlement_remaining(s) THEN 'exceeded'
        ELSE 'done' END;
    IF outcome = 'done' AND NOT reserving THEN
        -- Where more is allowed than was, what was told of is told of anew.
        s.alerted := least(s.alerted, entitlement_threshold(s, 0));
        reached := entitlement_threshold(s, the_amount);
        IF reached > s.alerted THEN
            outcome := CASE WHEN may_alert THEN 'alerted' ELSE 'alerts' END;
            s.alerted := reached;
        END IF;
    END IF;
    IF outcome = 'repeated' AND known.state = 'reserved' THEN
        UPDATE entitlement_allocation SET expires_at = lapses_at WHERE id = known.id;
    END IF;
    IF outcome IN ('done', 'alerted') THEN
        INSERT INTO entitlement_allocation AS a (id, organization_id, feature, key, amount, state,
            period_start, expires_at, created_at)
        VALUES (new_ids[1], the_organization, the_feature, the_key, the_amount,
            CASE WHEN reserving THEN 'reserved' ELSE 'settled' END, s.period_start, lapses_at, at)
        ON CONFLICT (organization_id, feature, key) DO UPDATE
        SET amount = excluded.amount, state = excluded.state, period_start = excluded.period_start,
            expires_at = excluded.expires_at, created_at = excluded.created_at;
        IF reserving THEN
            s.reserved := s.reserved + the_amount;
            INSERT INTO entitlement_consumption AS c
                (id, organization_id, feature, period_start, used, burnt, reserved, alerted)
            VALUES (new_ids[2], the_organization, the_feature, s.period_start, 0, 0, the_amount, 0)
            ON CONFLICT (organization_id, feature, period_start) DO UPDATE
            SET reserved = c.reserved + excluded.reserved;
        ELSE
            s := entitlement_use(new_ids[2], the_amount, at, s);
        END IF;
    END IF;
    standing := s;
    RETURN NEXT;
END $$;

-- Takes what is reserved under the key, in the period in which it was.
CREATE FUNCTION entitlement_settle(
    new_id uuid, the_organization uuid, the_feature text, the_key text, may_alert boolean,
    at timestamptz
) RETURNS TABLE (outcome text, standing entitlement_standing)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    known entitlement_allocation;
    s entitlement_standing;
    reached smallint;
    then_or_now timestamptz := at;
BEGIN
    PERFORM entitlement_lapse(the_organization, the_feature, at);
    SELECT * INTO known FROM entitlement_allocation a WHERE a.organization_id = the_organization
        AND a.feature = the_feature AND a.key = the_key;
    IF known.period_start > 'epoch' THEN
        then_or_now := known.created_at;
    END IF;
    SELECT * INTO s
        FROM entitlement_standings(ARRAY[the_organization], ARRAY[the_feature], then_or_now);
    IF s.kind IS NULL THEN  -- the plan no longer knows of it
        s := (the_organization, the_feature, 'metered', 0, true, 0, 0, 0, 0, 0,
            known.period_start, NULL);
    END IF;
    outcome := CASE known.state WHEN 'settled' THEN 'repeated' WHEN 'released' THEN 'lapsed'
        WHEN 'reserved' THEN 'done' ELSE 'unknown' END;
    IF outcome = 'done' THEN
        s.alerted := least(s.alerted, entitlement_threshold(s, 0));
        reached := entitlement_threshold(s, known.amount);
        IF reached > s.alerted THEN
            outcome := CASE WHEN may_alert THEN 'alerted' ELSE 'alerts' END;
            s.alerted := reached;
        END IF;
    END IF;
    IF outcome IN ('done', 'alerted') THEN
        UPDATE entitlement_allocation SET state = 'settled' WHERE id = known.id;
        PERFORM entitlement_give_back(
            the_organization, the_feature, known.period_start, known.amount);
        IF s.period_start = known.period_start THEN
            s.reserved := s.reserved - known.amount;
        END IF;
        s := entitlement_use(new_id, known.amount, then_or_now, s);
    END IF;
    standing := s;
    RETURN NEXT;
END $$;

-- Gives back what is reserved under the key, or taken of what has no periods.
CREATE FUNCTION entitlement_release(
    the_organization uuid, the_feature text, the_key text, at timestamptz
) RETURNS TABLE (outcome text, standing entitlement_standing)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    known entitlement_allocation;
BEGIN
    PERFORM entitlement_lock(the_organization, the_feature);
    SELECT * INTO known FROM entitlement_allocation a WHERE a.organization_id = the_organization
        AND a.feature = the_feature AND a.key = the_key;
    outcome := CASE
        WHEN known.state = 'settled' AND known.period_start > 'epoch' THEN 'settled'
        WHEN known.state IN ('reserved', 'settled') THEN 'done'
        ELSE 'repeated' END;
    IF outcome = 'done' THEN
        UPDATE entitlement_allocation SET state = 'released' WHERE id = known.id;
        UPDATE entitlement_consumption c SET
            reserved = reserved - CASE known.state WHEN 'reserved' THEN known.amount ELSE 0 END,
            used = used - CASE known.state WHEN 'settled' THEN known.amount ELSE 0 END
        WHERE c.organization_id = the_organization AND c.feature = the_feature
            AND c.period_start = known.period_start;
    END IF;
    SELECT * INTO standing
        FROM entitlement_standings(ARRAY[the_organization], ARRAY[the_feature], at);
    RETURN NEXT;
END $$;

-- Takes down what is so elsewhere, of what has no periods and whatever is allowed: under the key one
-- is reserved, settled or released. Says whether it is news: of two, the later version is so.
CREATE FUNCTION entitlement_follow(
    new_ids uuid[], the_organization uuid, the_feature text, the_key text, the_state text,
    lapses_at timestamptz, the_version bigint, at timestamptz
) RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    known entitlement_allocation;
BEGIN
    PERFORM entitlement_lock(the_organization, the_feature);
    SELECT * INTO known FROM entitlement_allocation a WHERE a.organization_id = the_organization
        AND a.feature = the_feature AND a.key = the_key;
    IF known.version >= the_version THEN
        RETURN false;
    END IF;
    INSERT INTO entitlement_allocation AS a (id, organization_id, feature, key, amount, state,
        period_start, expires_at, version, created_at)
    VALUES (new_ids[1], the_organization, the_feature, the_key, 1, the_state, 'epoch', lapses_at,
        the_version, at)
    ON CONFLICT (organization_id, feature, key) DO UPDATE
    SET state = excluded.state, expires_at = excluded.expires_at, version = excluded.version;
    INSERT INTO entitlement_consumption AS c
        (id, organization_id, feature, period_start, used, burnt, reserved, alerted)
    VALUES (new_ids[2], the_organization, the_feature, 'epoch', (the_state = 'settled')::integer, 0,
        (the_state = 'reserved')::integer, 0)
    ON CONFLICT (organization_id, feature, period_start) DO UPDATE
    SET used = c.used + excluded.used - coalesce(known.state = 'settled', false)::integer,
        reserved = c.reserved + excluded.reserved
            - coalesce(known.state = 'reserved', false)::integer;
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("domains_billing", "0007_usage_is_found_by_time")]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
