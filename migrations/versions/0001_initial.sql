CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end $$;

CREATE FUNCTION public.tariff_version_stands() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'a published tariff version never changes';
end $$;

CREATE TABLE public.account (
    id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    currency character(3) NOT NULL,
    guarded boolean NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_account_guarded CHECK ((guarded = (kind = ANY (ARRAY['wallet'::text, 'budget'::text]))))
);

CREATE TABLE public.account_guard (
    account_id uuid NOT NULL,
    posted_minor bigint DEFAULT '0'::bigint NOT NULL,
    held_minor bigint DEFAULT '0'::bigint NOT NULL,
    CONSTRAINT ck_account_guard_enough_money CHECK ((posted_minor >= held_minor)),
    CONSTRAINT ck_account_guard_held CHECK ((held_minor >= 0))
)
WITH (fillfactor='50');

CREATE TABLE public.charging_transaction (
    id integer NOT NULL,
    station_id text NOT NULL COLLATE pg_catalog."C",
    connector integer NOT NULL,
    charge_ref text NOT NULL COLLATE pg_catalog."C",
    token text NOT NULL,
    token_key text NOT NULL COLLATE pg_catalog."C",
    meter_start_mwh bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    token_status text NOT NULL,
    token_expires_at timestamp with time zone,
    token_group text,
    session_id uuid NOT NULL,
    ended_at timestamp with time zone,
    end_received_at timestamp with time zone,
    meter_stop_mwh bigint,
    cause text,
    ended_by text,
    CONSTRAINT ck_charging_transaction_ended CHECK (((ended_at IS NULL) = (ended_by IS NULL)))
);

CREATE SEQUENCE public.charging_transaction_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 2147483647
    CACHE 1;

CREATE TABLE public.connector (
    station_id text NOT NULL COLLATE pg_catalog."C",
    number smallint NOT NULL,
    kind text DEFAULT 'unknown'::text NOT NULL,
    power_w integer DEFAULT 0 NOT NULL,
    tariff_id uuid,
    admin_state text DEFAULT 'active'::text NOT NULL,
    state text,
    state_at timestamp with time zone,
    state_at_is_theirs boolean DEFAULT false NOT NULL,
    error_code text,
    info text,
    vendor_error text,
    CONSTRAINT ck_connector_admin_state CHECK ((admin_state = ANY (ARRAY['active'::text, 'maintenance'::text, 'disabled'::text]))),
    CONSTRAINT ck_connector_kind CHECK ((kind = ANY (ARRAY['type2'::text, 'ccs2'::text, 'chademo'::text, 'gbt_ac'::text, 'gbt_dc'::text, 'unknown'::text]))),
    CONSTRAINT ck_connector_number CHECK (((number >= 0) AND (number <= 64))),
    CONSTRAINT ck_connector_power_w CHECK (((power_w >= 0) AND (power_w <= 10000000)))
)
WITH (fillfactor='70');

CREATE TABLE public.hold (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    placed_minor bigint NOT NULL,
    amount_minor bigint NOT NULL,
    captured_minor bigint DEFAULT '0'::bigint NOT NULL,
    state text DEFAULT 'held'::text NOT NULL,
    reason text NOT NULL,
    about text,
    placed_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT ck_hold_amount CHECK (((placed_minor > 0) AND (amount_minor >= placed_minor))),
    CONSTRAINT ck_hold_captured CHECK (((captured_minor >= 0) AND (captured_minor <= amount_minor))),
    CONSTRAINT ck_hold_state CHECK ((state = ANY (ARRAY['held'::text, 'captured'::text, 'released'::text])))
);

CREATE TABLE public.id_token (
    token text NOT NULL COLLATE pg_catalog."C",
    person_id uuid,
    status text DEFAULT 'active'::text NOT NULL,
    expires_at timestamp with time zone,
    "group" text,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_id_token_status CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text]))),
    CONSTRAINT ck_id_token_token CHECK (((token = upper(token)) AND ((length(token) >= 1) AND (length(token) <= 36))))
);

CREATE TABLE public.knock (
    station_id text NOT NULL COLLATE pg_catalog."C",
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    subprotocols text[] NOT NULL,
    had_password boolean NOT NULL,
    reason text NOT NULL
);

CREATE TABLE public.location (
    id uuid NOT NULL,
    name text NOT NULL,
    names jsonb DEFAULT '{}'::jsonb NOT NULL,
    address text NOT NULL,
    city text NOT NULL,
    latitude_udeg integer NOT NULL,
    longitude_udeg integer NOT NULL,
    timezone text NOT NULL,
    currency character(3) NOT NULL,
    access_notes text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    CONSTRAINT ck_location_latitude CHECK (((latitude_udeg >= '-90000000'::integer) AND (latitude_udeg <= 90000000))),
    CONSTRAINT ck_location_longitude CHECK (((longitude_udeg >= '-180000000'::integer) AND (longitude_udeg <= 180000000))),
    CONSTRAINT ck_location_status CHECK ((status = ANY (ARRAY['open'::text, 'planned'::text, 'closed'::text])))
);

CREATE TABLE public.loose_reading (
    station_id text NOT NULL COLLATE pg_catalog."C",
    connector integer NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    station_at timestamp with time zone,
    energy_mwh bigint,
    power_mw bigint,
    current_ma bigint,
    voltage_mv bigint,
    soc_percent smallint,
    context text,
    extra jsonb
)
PARTITION BY RANGE (at);

CREATE TABLE public.loose_reading_default (
    station_id text CONSTRAINT loose_reading_station_id_not_null NOT NULL COLLATE pg_catalog."C",
    connector integer CONSTRAINT loose_reading_connector_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT loose_reading_at_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT loose_reading_received_at_not_null NOT NULL,
    station_at timestamp with time zone,
    energy_mwh bigint,
    power_mw bigint,
    current_ma bigint,
    voltage_mv bigint,
    soc_percent smallint,
    context text,
    extra jsonb
);

CREATE TABLE public.ocpp_frame (
    at timestamp with time zone NOT NULL,
    station_id text NOT NULL,
    epoch bigint NOT NULL,
    direction text NOT NULL,
    kind text NOT NULL,
    action text,
    message_id text,
    outcome text,
    latency_ms real,
    payload text,
    answer text
)
PARTITION BY RANGE (at);

CREATE TABLE public.payment (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    account text NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    state text DEFAULT 'new'::text NOT NULL,
    uncertain boolean DEFAULT false NOT NULL,
    quarantine text,
    late boolean DEFAULT false NOT NULL,
    error text,
    external jsonb DEFAULT '{}'::jsonb NOT NULL,
    url text,
    qr text,
    app text,
    return_url text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    turn integer DEFAULT 0 NOT NULL,
    next_check_at timestamp with time zone,
    CONSTRAINT ck_payment_amount CHECK ((amount_minor > 0)),
    CONSTRAINT ck_payment_state CHECK ((state = ANY (ARRAY['new'::text, 'creating'::text, 'pending'::text, 'authorized'::text, 'capturing'::text, 'voiding'::text, 'expired'::text, 'canceled'::text, 'failed'::text, 'voided'::text, 'paid'::text, 'partially_refunded'::text, 'refunded'::text])))
);

CREATE TABLE public.payment_event (
    seq bigint NOT NULL,
    payment_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    cause text NOT NULL
);

ALTER TABLE public.payment_event ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payment_event_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment_notice (
    id uuid NOT NULL,
    provider text NOT NULL,
    account text NOT NULL,
    key text NOT NULL,
    payment_id uuid,
    word text NOT NULL,
    evidence jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.person (
    id uuid NOT NULL,
    phone text,
    login text,
    password_hash text,
    password_set_at timestamp with time zone,
    name text,
    language text NOT NULL,
    roles text[] NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_person_language CHECK ((language = ANY (ARRAY['ru'::text, 'ky'::text, 'en'::text]))),
    CONSTRAINT ck_person_phone CHECK ((phone ~ '^[+][0-9]{6,15}$'::text)),
    CONSTRAINT ck_person_reachable CHECK (((status = 'deleted'::text) OR (phone IS NOT NULL) OR (login IS NOT NULL))),
    CONSTRAINT ck_person_roles CHECK ((roles <@ ARRAY['driver'::text, 'corporate_manager'::text, 'partner'::text, 'operator'::text, 'technician'::text, 'accountant'::text, 'admin'::text])),
    CONSTRAINT ck_person_status CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text, 'deleted'::text])))
);

CREATE TABLE public.posting (
    transfer_id uuid NOT NULL,
    line smallint NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    debit_id uuid NOT NULL,
    credit_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    CONSTRAINT ck_posting_amount CHECK ((amount_minor > 0)),
    CONSTRAINT ck_posting_two_sides CHECK ((debit_id <> credit_id))
);

ALTER TABLE public.posting ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.posting_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.presence (
    station_id text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    node text NOT NULL,
    protocol text NOT NULL,
    address text NOT NULL,
    connected_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    disconnected_at timestamp with time zone
)
WITH (fillfactor='50');

CREATE SEQUENCE public.presence_epoch
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.reading (
    session_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    station_at timestamp with time zone,
    energy_mwh bigint,
    power_mw bigint,
    current_ma bigint,
    voltage_mv bigint,
    soc_percent smallint,
    context text,
    extra jsonb
)
PARTITION BY RANGE (at);

CREATE TABLE public.reading_default (
    session_id uuid CONSTRAINT reading_session_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT reading_at_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT reading_received_at_not_null NOT NULL,
    station_at timestamp with time zone,
    energy_mwh bigint,
    power_mw bigint,
    current_ma bigint,
    voltage_mv bigint,
    soc_percent smallint,
    context text,
    extra jsonb
);

CREATE TABLE public.receipt (
    session_id uuid NOT NULL,
    number text NOT NULL,
    person_id uuid,
    issued_at timestamp with time zone NOT NULL,
    data jsonb NOT NULL
);

CREATE TABLE public.receipt_count (
    year smallint NOT NULL,
    last integer NOT NULL
);

CREATE SEQUENCE public.receipt_count_year_seq
    AS smallint
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.receipt_count_year_seq OWNED BY public.receipt_count.year;

CREATE TABLE public.refresh_token (
    hash bytea NOT NULL,
    sign_in_id uuid NOT NULL,
    generation integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.sandbox_station (
    id text NOT NULL,
    model jsonb NOT NULL,
    memory jsonb,
    kept_at timestamp with time zone
);

CREATE TABLE public.session (
    id uuid NOT NULL,
    state text NOT NULL,
    origin text NOT NULL,
    station_id text NOT NULL COLLATE pg_catalog."C",
    connector integer NOT NULL,
    token text NOT NULL COLLATE pg_catalog."C",
    driver_id uuid,
    payer_id uuid,
    hold_id uuid,
    hold_minor bigint DEFAULT '0'::bigint NOT NULL,
    limit_amount_minor bigint,
    limit_energy_wh bigint,
    tariff_version_id uuid,
    currency character(3) NOT NULL,
    timezone text NOT NULL,
    location_id uuid,
    location_name text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    connector_kind text DEFAULT 'unknown'::text NOT NULL,
    power_w integer DEFAULT 0 NOT NULL,
    believed_w bigint DEFAULT '0'::bigint NOT NULL,
    on_connector boolean DEFAULT true NOT NULL,
    sole boolean DEFAULT true NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    charge_ref text,
    began_at timestamp with time zone,
    meter_start_mwh bigint,
    meter_mwh bigint,
    energy_mwh bigint DEFAULT '0'::bigint NOT NULL,
    power_mw bigint,
    soc_percent smallint,
    cost_minor bigint DEFAULT '0'::bigint NOT NULL,
    running jsonb,
    last_reading_at timestamp with time zone,
    last_received_at timestamp with time zone,
    paused_by text,
    available_since timestamp with time zone,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    stop_reason text,
    stop_ordered_at timestamp with time zone,
    stop_orders smallint DEFAULT '0'::smallint NOT NULL,
    ended_at timestamp with time zone,
    meter_stop_mwh bigint,
    stop_cause text,
    reason text,
    settled_at timestamp with time zone,
    captured_minor bigint,
    from_balance_minor bigint,
    receivable_minor bigint,
    unpaid_minor bigint,
    bill jsonb,
    CONSTRAINT ck_session_began_at CHECK (((state <> ALL (ARRAY['charging'::text, 'ended'::text])) OR (began_at IS NOT NULL))),
    CONSTRAINT ck_session_not_negative CHECK (((energy_mwh >= 0) AND (cost_minor >= 0) AND (hold_minor >= 0))),
    CONSTRAINT ck_session_settled_at CHECK (((state = 'settled'::text) = (settled_at IS NOT NULL))),
    CONSTRAINT ck_session_state CHECK ((state = ANY (ARRAY['starting'::text, 'charging'::text, 'ended'::text, 'settled'::text, 'failed'::text])))
)
WITH (fillfactor='60');

CREATE TABLE public.session_event (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    key text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.session_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.session_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sign_in (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    way text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_why text,
    address text NOT NULL,
    user_agent text NOT NULL,
    CONSTRAINT ck_sign_in_revoked CHECK (((revoked_at IS NULL) = (revoked_why IS NULL))),
    CONSTRAINT ck_sign_in_way CHECK ((way = ANY (ARRAY['code'::text, 'password'::text])))
);

CREATE TABLE public.sign_in_code (
    phone text NOT NULL,
    id uuid NOT NULL,
    code_hash bytea,
    expires_at timestamp with time zone NOT NULL,
    tries_left smallint NOT NULL,
    sent_at timestamp with time zone[] NOT NULL,
    touched_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_in_count (
    subject text NOT NULL,
    slice timestamp with time zone NOT NULL,
    times integer NOT NULL
);

CREATE TABLE public.sms_message (
    id uuid NOT NULL,
    phone text NOT NULL,
    key text NOT NULL,
    language text NOT NULL,
    text text,
    state text DEFAULT 'queued'::text NOT NULL,
    channel text,
    external_id text,
    segments smallint NOT NULL,
    error text,
    at timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT ck_sms_message_sent CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT ck_sms_message_state CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'expired'::text])))
);

CREATE TABLE public.station (
    id text NOT NULL COLLATE pg_catalog."C",
    location_id uuid NOT NULL,
    vendor text,
    model text,
    serial text,
    firmware text,
    protocol text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    password_hash bytea,
    password_set_at timestamp with time zone,
    boot_status text DEFAULT 'accepted'::text NOT NULL,
    last_boot_at timestamp with time zone,
    admin_state text DEFAULT 'active'::text NOT NULL,
    firmware_status text,
    firmware_status_at timestamp with time zone,
    diagnostics_status text,
    diagnostics_status_at timestamp with time zone,
    CONSTRAINT ck_station_admin_state CHECK ((admin_state = ANY (ARRAY['active'::text, 'maintenance'::text, 'disabled'::text]))),
    CONSTRAINT ck_station_boot_status CHECK ((boot_status = ANY (ARRAY['accepted'::text, 'pending'::text, 'rejected'::text]))),
    CONSTRAINT ck_station_id CHECK (((length(id) >= 1) AND (length(id) <= 48)))
)
WITH (fillfactor='80');

CREATE TABLE public.station_order (
    id uuid NOT NULL,
    station_id text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    author text NOT NULL,
    priority smallint DEFAULT '5'::smallint NOT NULL,
    state text DEFAULT 'created'::text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    before timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    sent_epoch bigint,
    ended_at timestamp with time zone,
    CONSTRAINT ck_station_order_state CHECK ((state = ANY (ARRAY['created'::text, 'sent'::text, 'done'::text, 'refused'::text, 'not_supported'::text, 'expired'::text, 'cancelled'::text])))
);

CREATE TABLE public.stray_stop (
    id uuid NOT NULL,
    station_id text NOT NULL COLLATE pg_catalog."C",
    charge_ref text NOT NULL,
    token text,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    meter_stop_mwh bigint NOT NULL,
    cause text NOT NULL,
    readings jsonb DEFAULT '[]'::jsonb NOT NULL,
    why text NOT NULL,
    proposed_session_id uuid,
    reviewed_at timestamp with time zone
);

CREATE TABLE public.tariff (
    id uuid NOT NULL,
    names jsonb NOT NULL,
    currency character(3) NOT NULL,
    network_default boolean DEFAULT false NOT NULL,
    archived boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_tariff_default_is_live CHECK ((NOT (archived AND network_default)))
);

CREATE TABLE public.tariff_version (
    id uuid NOT NULL,
    tariff_id uuid NOT NULL,
    number integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    body jsonb NOT NULL,
    digest bytea NOT NULL,
    published_at timestamp with time zone NOT NULL
);

CREATE TABLE public.testbank_fault (
    call text NOT NULL,
    what text NOT NULL,
    "left" integer NOT NULL
);

CREATE TABLE public.testbank_notice (
    id uuid NOT NULL,
    url text NOT NULL,
    body bytea NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    last_status integer
);

CREATE TABLE public.testbank_payment (
    id uuid NOT NULL,
    "order" text NOT NULL,
    token text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    telling text DEFAULT 'normal'::text NOT NULL,
    amount_minor bigint NOT NULL,
    paid_minor bigint DEFAULT '0'::bigint NOT NULL,
    refunded_minor bigint DEFAULT '0'::bigint NOT NULL,
    currency character(3) NOT NULL,
    description text NOT NULL,
    return_url text NOT NULL,
    notify_url text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    pay_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_testbank_payment_refunded CHECK (((refunded_minor >= 0) AND (refunded_minor <= paid_minor)))
);

CREATE TABLE public.testbank_refund (
    id uuid NOT NULL,
    payment_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.transfer (
    id uuid NOT NULL,
    reason text NOT NULL,
    about text,
    digest bytea NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.loose_reading ATTACH PARTITION public.loose_reading_default DEFAULT;

ALTER TABLE ONLY public.reading ATTACH PARTITION public.reading_default DEFAULT;

ALTER TABLE ONLY public.receipt_count ALTER COLUMN year SET DEFAULT nextval('public.receipt_count_year_seq'::regclass);

ALTER TABLE ONLY public.loose_reading
    ADD CONSTRAINT pk_loose_reading PRIMARY KEY (station_id, connector, at);

ALTER TABLE ONLY public.loose_reading_default
    ADD CONSTRAINT loose_reading_default_pkey PRIMARY KEY (station_id, connector, at);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT pk_account PRIMARY KEY (id);

ALTER TABLE ONLY public.account_guard
    ADD CONSTRAINT pk_account_guard PRIMARY KEY (account_id);

ALTER TABLE ONLY public.charging_transaction
    ADD CONSTRAINT pk_charging_transaction PRIMARY KEY (id);

ALTER TABLE ONLY public.connector
    ADD CONSTRAINT pk_connector PRIMARY KEY (station_id, number);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT pk_hold PRIMARY KEY (id);

ALTER TABLE ONLY public.id_token
    ADD CONSTRAINT pk_id_token PRIMARY KEY (token);

ALTER TABLE ONLY public.knock
    ADD CONSTRAINT pk_knock PRIMARY KEY (station_id);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT pk_location PRIMARY KEY (id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT pk_payment PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_event
    ADD CONSTRAINT pk_payment_event PRIMARY KEY (seq);

ALTER TABLE ONLY public.payment_notice
    ADD CONSTRAINT pk_payment_notice PRIMARY KEY (id);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT pk_person PRIMARY KEY (id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT pk_posting PRIMARY KEY (transfer_id, line);

ALTER TABLE ONLY public.presence
    ADD CONSTRAINT pk_presence PRIMARY KEY (station_id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT pk_reading PRIMARY KEY (session_id, at);

ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT pk_receipt PRIMARY KEY (session_id);

ALTER TABLE ONLY public.receipt_count
    ADD CONSTRAINT pk_receipt_count PRIMARY KEY (year);

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT pk_refresh_token PRIMARY KEY (hash);

ALTER TABLE ONLY public.sandbox_station
    ADD CONSTRAINT pk_sandbox_station PRIMARY KEY (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT pk_session PRIMARY KEY (id);

ALTER TABLE ONLY public.session_event
    ADD CONSTRAINT pk_session_event PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT pk_sign_in PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_code
    ADD CONSTRAINT pk_sign_in_code PRIMARY KEY (phone);

ALTER TABLE ONLY public.sign_in_count
    ADD CONSTRAINT pk_sign_in_count PRIMARY KEY (subject, slice);

ALTER TABLE ONLY public.sms_message
    ADD CONSTRAINT pk_sms_message PRIMARY KEY (id);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT pk_station PRIMARY KEY (id);

ALTER TABLE ONLY public.station_order
    ADD CONSTRAINT pk_station_order PRIMARY KEY (id);

ALTER TABLE ONLY public.stray_stop
    ADD CONSTRAINT pk_stray_stop PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff
    ADD CONSTRAINT pk_tariff PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT pk_tariff_version PRIMARY KEY (id);

ALTER TABLE ONLY public.testbank_fault
    ADD CONSTRAINT pk_testbank_fault PRIMARY KEY (call);

ALTER TABLE ONLY public.testbank_notice
    ADD CONSTRAINT pk_testbank_notice PRIMARY KEY (id);

ALTER TABLE ONLY public.testbank_payment
    ADD CONSTRAINT pk_testbank_payment PRIMARY KEY (id);

ALTER TABLE ONLY public.testbank_refund
    ADD CONSTRAINT pk_testbank_refund PRIMARY KEY (id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT pk_transfer PRIMARY KEY (id);

ALTER TABLE ONLY public.reading_default
    ADD CONSTRAINT reading_default_pkey PRIMARY KEY (session_id, at);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT uq_account_id_currency UNIQUE (id, currency);

ALTER TABLE ONLY public.charging_transaction
    ADD CONSTRAINT uq_charging_transaction_content UNIQUE (station_id, connector, token_key, meter_start_mwh, began_at);

ALTER TABLE ONLY public.charging_transaction
    ADD CONSTRAINT uq_charging_transaction_session_id UNIQUE (session_id);

ALTER TABLE ONLY public.charging_transaction
    ADD CONSTRAINT uq_charging_transaction_station_id_charge_ref UNIQUE (station_id, charge_ref);

ALTER TABLE ONLY public.payment_notice
    ADD CONSTRAINT uq_payment_notice_provider_account_key UNIQUE (provider, account, key);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT uq_person_phone UNIQUE (phone);

ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT uq_receipt_number UNIQUE (number);

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT uq_refresh_token_sign_in_id_generation UNIQUE (sign_in_id, generation);

ALTER TABLE ONLY public.stray_stop
    ADD CONSTRAINT uq_stray_stop_station_id_charge_ref_at_meter_stop_mwh UNIQUE (station_id, charge_ref, at, meter_stop_mwh);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT uq_tariff_version_tariff_id_number UNIQUE (tariff_id, number);

ALTER TABLE ONLY public.testbank_payment
    ADD CONSTRAINT uq_testbank_payment_token UNIQUE (token);

CREATE INDEX ix_account_kind_key ON public.account USING btree (kind, key);

CREATE INDEX ix_charging_transaction_open ON public.charging_transaction USING btree (station_id, connector) WHERE (ended_at IS NULL);

CREATE INDEX ix_charging_transaction_station ON public.charging_transaction USING btree (station_id, connector, id);

CREATE INDEX ix_hold_open ON public.hold USING btree (account_id) WHERE (state = 'held'::text);

CREATE INDEX ix_id_token_person_id ON public.id_token USING btree (person_id);

CREATE INDEX ix_knock_last_at ON public.knock USING btree (last_at);

CREATE INDEX ix_location_name ON public.location USING btree (name, id);

CREATE INDEX ix_ocpp_frame_station_at ON ONLY public.ocpp_frame USING btree (station_id, at);

CREATE INDEX ix_payment_event_payment_id ON public.payment_event USING btree (payment_id);

CREATE INDEX ix_payment_next_check ON public.payment USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);

CREATE INDEX ix_payment_person ON public.payment USING btree (person_id, created_at);

CREATE INDEX ix_payment_quarantine ON public.payment USING btree (created_at) WHERE (quarantine IS NOT NULL);

CREATE INDEX ix_posting_credit ON public.posting USING btree (credit_id, at, seq);

CREATE INDEX ix_posting_debit ON public.posting USING btree (debit_id, at, seq);

CREATE INDEX ix_receipt_person_issued ON public.receipt USING btree (person_id, issued_at);

CREATE INDEX ix_refresh_token_sign_in_id ON public.refresh_token USING btree (sign_in_id);

CREATE INDEX ix_session_driver ON public.session USING btree (driver_id, requested_at, id);

CREATE INDEX ix_session_event_session ON public.session_event USING btree (session_id, id);

CREATE INDEX ix_session_open ON public.session USING btree (state, requested_at) WHERE ((state = ANY (ARRAY['starting'::text, 'charging'::text])) OR (state = 'ended'::text));

CREATE INDEX ix_session_requested ON public.session USING btree (requested_at, id);

CREATE INDEX ix_session_station ON public.session USING btree (station_id, requested_at, id);

CREATE INDEX ix_sign_in_code_touched_at ON public.sign_in_code USING btree (touched_at);

CREATE INDEX ix_sign_in_count_slice ON public.sign_in_count USING btree (slice);

CREATE INDEX ix_sign_in_expires_at ON public.sign_in USING btree (expires_at);

CREATE INDEX ix_sign_in_person_id ON public.sign_in USING btree (person_id);

CREATE INDEX ix_sms_message_at ON public.sms_message USING btree (at);

CREATE INDEX ix_station_location_id ON public.station USING btree (location_id);

CREATE INDEX ix_station_order_open ON public.station_order USING btree (station_id, priority, placed_at) WHERE (state = ANY (ARRAY['created'::text, 'sent'::text]));

CREATE INDEX ix_station_order_station_placed ON public.station_order USING btree (station_id, placed_at);

CREATE INDEX ix_stray_stop_open ON public.stray_stop USING btree (received_at) WHERE (reviewed_at IS NULL);

CREATE INDEX ix_tariff_version_in_force ON public.tariff_version USING btree (tariff_id, valid_from DESC, number DESC);

CREATE INDEX ix_testbank_notice_due ON public.testbank_notice USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX ix_testbank_payment_pay_at ON public.testbank_payment USING btree (pay_at) WHERE (pay_at IS NOT NULL);

CREATE INDEX ix_testbank_payment_waiting ON public.testbank_payment USING btree (expires_at) WHERE (state = 'waiting'::text);

CREATE INDEX ix_testbank_refund_payment_id ON public.testbank_refund USING btree (payment_id);

CREATE UNIQUE INDEX uq_person_login ON public.person USING btree (lower(login));

CREATE UNIQUE INDEX uq_session_app_token ON public.session USING btree (token) WHERE (origin = 'app'::text);

CREATE UNIQUE INDEX uq_session_live_connector ON public.session USING btree (station_id, connector) WHERE ((state = ANY (ARRAY['starting'::text, 'charging'::text])) AND on_connector);

CREATE UNIQUE INDEX uq_session_live_driver ON public.session USING btree (driver_id) WHERE ((state = ANY (ARRAY['starting'::text, 'charging'::text])) AND sole);

CREATE UNIQUE INDEX uq_tariff_network_default ON public.tariff USING btree (currency) WHERE network_default;

ALTER INDEX public.pk_loose_reading ATTACH PARTITION public.loose_reading_default_pkey;

ALTER INDEX public.pk_reading ATTACH PARTITION public.reading_default_pkey;

CREATE TRIGGER account_immutable BEFORE DELETE OR UPDATE ON public.account FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER account_kept BEFORE TRUNCATE ON public.account FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER posting_immutable BEFORE DELETE OR UPDATE ON public.posting FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER posting_kept BEFORE TRUNCATE ON public.posting FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tariff_version_stands BEFORE DELETE OR UPDATE ON public.tariff_version FOR EACH ROW EXECUTE FUNCTION public.tariff_version_stands();

CREATE TRIGGER transfer_immutable BEFORE DELETE OR UPDATE ON public.transfer FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER transfer_kept BEFORE TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.account_guard
    ADD CONSTRAINT fk_account_guard_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.charging_transaction
    ADD CONSTRAINT fk_charging_transaction_session_id FOREIGN KEY (session_id) REFERENCES public.session(id);

ALTER TABLE ONLY public.connector
    ADD CONSTRAINT fk_connector_station_id FOREIGN KEY (station_id) REFERENCES public.station(id);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT fk_hold_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.id_token
    ADD CONSTRAINT fk_id_token_person_id FOREIGN KEY (person_id) REFERENCES public.person(id);

ALTER TABLE ONLY public.payment_event
    ADD CONSTRAINT fk_payment_event_payment_id FOREIGN KEY (payment_id) REFERENCES public.payment(id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_credit FOREIGN KEY (credit_id, currency) REFERENCES public.account(id, currency);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_debit FOREIGN KEY (debit_id, currency) REFERENCES public.account(id, currency);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_transfer_id FOREIGN KEY (transfer_id) REFERENCES public.transfer(id);

ALTER TABLE ONLY public.presence
    ADD CONSTRAINT fk_presence_station_id FOREIGN KEY (station_id) REFERENCES public.station(id);

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT fk_refresh_token_sign_in_id FOREIGN KEY (sign_in_id) REFERENCES public.sign_in(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.session_event
    ADD CONSTRAINT fk_session_event_session_id FOREIGN KEY (session_id) REFERENCES public.session(id);

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT fk_sign_in_person_id FOREIGN KEY (person_id) REFERENCES public.person(id);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT fk_station_location_id FOREIGN KEY (location_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT fk_tariff_version_tariff_id FOREIGN KEY (tariff_id) REFERENCES public.tariff(id);

ALTER TABLE ONLY public.testbank_refund
    ADD CONSTRAINT fk_testbank_refund_payment_id FOREIGN KEY (payment_id) REFERENCES public.testbank_payment(id);
