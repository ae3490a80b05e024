-- A store as the program left it at step 0002. Never edited: it stands for what offices have.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE asset_history (
	asset_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT NOT NULL, 
	note TEXT, 
	import_id TEXT, 
	change_id TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (asset_id, version), 
	CONSTRAINT asset_history_change UNIQUE (change_id, asset_id)
);
INSERT INTO "asset_history" VALUES('wifi-1',1,'2026-01-01T00:00:00.000000Z','eko','add',NULL,'{"asset_id":"wifi-1","kind":"wifi","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"on_fiber":null,"installed_on":null,"source":"contoh","note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.1,-8.1]}","village_code_entered":null,"needs_check":false,"photos":"https://foto.example/1.jpg","struck_out":false}',NULL,NULL,'c1','5e7dc5f6fb7456a6317adb3c');
INSERT INTO "asset_history" VALUES('menara-1',1,'2026-01-02T00:00:00.000000Z','eko','add',NULL,'{"asset_id":"menara-1","kind":"tower","name":"Menara 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":42.0,"band_mhz":null,"reach_m":null,"on_fiber":null,"installed_on":null,"source":"contoh","note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.15,-8.12]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'c2','05340120da06fb8b7a898048');
INSERT INTO "asset_history" VALUES('rute-1',1,'2026-01-03T00:00:00.000000Z','eko','add',NULL,'{"asset_id":"rute-1","kind":"fiber_route","name":"Rute Kanigoro","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"on_fiber":null,"installed_on":null,"source":"contoh","note":null,"geometry":"{\"type\":\"LineString\",\"coordinates\":[[112.1,-8.1],[112.2,-8.15]]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'c3','82e7f1713b448e5793f19cdf');
INSERT INTO "asset_history" VALUES('cctv-1',1,'2026-01-04T00:00:00.000000Z','eko','add',NULL,'{"asset_id":"cctv-1","kind":"cctv","name":"Simpang Lima","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"on_fiber":null,"installed_on":null,"source":"contoh","note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.16,-8.1]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'c4','ed4fb61d0273b729d771a9d0');
CREATE TABLE assets (
	asset_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT, 
	status TEXT NOT NULL, 
	owner TEXT, 
	operator TEXT, 
	height_m DOUBLE, 
	band_mhz DOUBLE, 
	reach_m DOUBLE, 
	on_fiber BOOLEAN, 
	installed_on TEXT, 
	source TEXT, 
	note TEXT, 
	geometry BLOB NOT NULL, 
	village_code_entered TEXT, 
	struck_out BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	updated_at TEXT NOT NULL, 
	updated_by TEXT NOT NULL, 
	lon_min DOUBLE NOT NULL, 
	lat_min DOUBLE NOT NULL, 
	lon_max DOUBLE NOT NULL, 
	lat_max DOUBLE NOT NULL, needs_check BOOLEAN DEFAULT 0 NOT NULL, photos TEXT, village_code_bps TEXT, village TEXT, subdistrict TEXT, 
	PRIMARY KEY (asset_id), 
	CONSTRAINT assets_line FOREIGN KEY(asset_id, version) REFERENCES asset_history (asset_id, version)
);
INSERT INTO "assets" VALUES('wifi-1','wifi','Titik 1','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,'contoh',NULL,X'01010000006666666666065C4033333333333320C0',NULL,0,1,'2026-01-01T00:00:00.000000Z','eko',112.1,-8.1,112.1,-8.1,0,'https://foto.example/1.jpg',NULL,NULL,NULL);
INSERT INTO "assets" VALUES('menara-1','tower','Menara 1','operational','Diskominfo',NULL,42.0,NULL,NULL,NULL,NULL,'contoh',NULL,X'01010000009A99999999095C403D0AD7A3703D20C0',NULL,0,1,'2026-01-02T00:00:00.000000Z','eko',112.15,-8.12,112.15,-8.12,0,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('rute-1','fiber_route','Rute Kanigoro','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,'contoh',NULL,X'0102000000020000006666666666065C4033333333333320C0CDCCCCCCCC0C5C40CDCCCCCCCC4C20C0',NULL,0,1,'2026-01-03T00:00:00.000000Z','eko',112.1,-8.15,112.2,-8.1,0,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('cctv-1','cctv','Simpang Lima','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,'contoh',NULL,X'01010000000AD7A3703D0A5C4033333333333320C0',NULL,0,1,'2026-01-04T00:00:00.000000Z','eko',112.16,-8.1,112.16,-8.1,0,NULL,NULL,NULL,NULL);
CREATE TABLE attempts (
	account TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at TEXT NOT NULL, 
	PRIMARY KEY (account)
);
CREATE TABLE counters (
	kind TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (kind)
);
CREATE TABLE evidence (
	evidence_id TEXT NOT NULL, 
	village_code_bps TEXT, 
	kind TEXT NOT NULL, 
	claimed_state TEXT NOT NULL, 
	"match" TEXT NOT NULL, 
	given_code TEXT, 
	given_village TEXT, 
	given_subdistrict TEXT, 
	source TEXT, 
	date TEXT, 
	added_at TEXT NOT NULL, 
	added_by TEXT NOT NULL, 
	withdrawn_at TEXT, 
	withdrawn_by TEXT, 
	PRIMARY KEY (evidence_id)
);
CREATE TABLE imports (
	import_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	source TEXT NOT NULL, 
	note TEXT, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	taken_back_at TEXT, 
	taken_back_by TEXT, 
	PRIMARY KEY (import_id)
);
CREATE TABLE journal (
	change_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	note TEXT, 
	undoes TEXT, 
	result TEXT NOT NULL, 
	PRIMARY KEY (change_id)
);
CREATE TABLE run_tables (
	run_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id)
);
CREATE TABLE runs (
	run_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	saved_at TEXT NOT NULL, 
	saved_by TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	about TEXT NOT NULL, 
	PRIMARY KEY (run_id)
);
CREATE TABLE scenarios (
	scenario_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	note TEXT, 
	assets TEXT NOT NULL, 
	struck_out BOOLEAN NOT NULL, 
	saved_at TEXT NOT NULL, 
	saved_by TEXT NOT NULL, 
	PRIMARY KEY (scenario_id)
);
CREATE TABLE sessions (
	token_hash TEXT NOT NULL, 
	name TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	PRIMARY KEY (token_hash), 
	FOREIGN KEY(name) REFERENCES users (name) ON DELETE CASCADE
);
CREATE TABLE state (
	id INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	last_at TEXT NOT NULL, villages TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "state" VALUES(1,0,'',NULL);
CREATE TABLE users (
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT, 
	created_at TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE INDEX journal_who_at ON journal (who, at);
CREATE INDEX asset_history_at ON asset_history (at);
CREATE INDEX asset_history_import ON asset_history (import_id);
CREATE INDEX assets_kind_status ON assets (kind, status);
CREATE INDEX assets_owner ON assets (owner);
CREATE INDEX assets_name ON assets (name);
CREATE INDEX assets_updated ON assets (updated_at);
CREATE INDEX assets_bounds ON assets (lon_min, lat_min, lon_max, lat_max);
CREATE INDEX sessions_name ON sessions (name);
CREATE INDEX assets_village ON assets (village_code_bps);
CREATE INDEX assets_subdistrict ON assets (subdistrict);
CREATE TRIGGER asset_history_no_update BEFORE UPDATE ON asset_history BEGIN SELECT RAISE(ABORT, 'asset_history only grows'); END;
CREATE TRIGGER asset_history_no_delete BEFORE DELETE ON asset_history BEGIN SELECT RAISE(ABORT, 'asset_history only grows'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal only grows'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal only grows'); END;
CREATE TRIGGER assets_no_delete BEFORE DELETE ON assets BEGIN SELECT RAISE(ABORT, 'an asset is decommissioned or struck out, never deleted'); END;
CREATE TRIGGER assets_next_version BEFORE UPDATE OF kind, name, status, owner, operator, height_m, band_mhz, reach_m, on_fiber, installed_on, source, note, geometry, village_code_entered, struck_out, version, needs_check, photos ON assets WHEN NEW.version <> OLD.version + 1 BEGIN SELECT RAISE(ABORT, 'a change makes the next version'); END;
COMMIT;
