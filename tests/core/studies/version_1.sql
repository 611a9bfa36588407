-- A study of schema version 1, as the program of that version left it.
PRAGMA application_id = 1397050697;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE answers (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        presence TEXT,
        confidence INTEGER,
        laterality TEXT,
        explanation TEXT NOT NULL,
        evidence TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (recording_id, reader_id, feature),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "answers" VALUES(1,1,'clonic','yes',87,'left','3.1 Hz – “links”','[[12.4,31.0],[40,40]]','');
INSERT INTO "answers" VALUES(1,1,'head_turning','no',NULL,NULL,'','[]','');
INSERT INTO "answers" VALUES(1,1,'oral_automatisms',NULL,NULL,NULL,'','[]','');
INSERT INTO "answers" VALUES(1,1,'tonic','no',NULL,NULL,'','[]','');
INSERT INTO "answers" VALUES(1,2,'tonic','yes',60,NULL,'','[[1,2]]','');
INSERT INTO "answers" VALUES(1,3,'clonic','yes',80,NULL,'','[[13,30]]','');
INSERT INTO "answers" VALUES(1,3,'tonic','no',60,NULL,'','[]','');
INSERT INTO "answers" VALUES(2,2,'tonic','not_assessable',NULL,NULL,'','[]','');
CREATE TABLE history (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        operation TEXT NOT NULL,
        subject TEXT NOT NULL,
        recording TEXT NOT NULL,
        reader TEXT,
        feature TEXT,
        old TEXT NOT NULL,
        new TEXT NOT NULL,
        target INTEGER,
        why TEXT NOT NULL DEFAULT '',
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
INSERT INTO "history" VALUES(1,'2026-11-22T12:00:01.713230+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":87,"evidence":[{"end":31.0,"start":12.4},{"end":40,"start":40}],"explanation":"3.1 Hz \u2013 \u201clinks\u201d","feature":"clonic","laterality":"left","presence":"yes"}',NULL,'','a5ac8db91d3fc39ee23c3ed3f0f23e397be6c9adcb6ec13269e99be8ce98ace9','10c056375ebfa01555ad3f2e8f61f7c33014b45c0061f5fe28583e15ca0068c2');
INSERT INTO "history" VALUES(2,'2026-11-22T12:00:01.719578+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"}',NULL,'','10c056375ebfa01555ad3f2e8f61f7c33014b45c0061f5fe28583e15ca0068c2','be9ea66d769008e039a85541261ef9237b588d4b45b79f61e3cf37a859ca01eb');
INSERT INTO "history" VALUES(3,'2026-11-22T12:00:01.723696+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','head_turning','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":"no"}',NULL,'','be9ea66d769008e039a85541261ef9237b588d4b45b79f61e3cf37a859ca01eb','ddede614a06351086e4b9418f27a5c470c102f75e09621706344905f699f667b');
INSERT INTO "history" VALUES(4,'2026-11-22T12:00:01.728003+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}',NULL,'','ddede614a06351086e4b9418f27a5c470c102f75e09621706344905f699f667b','73db614aaa8b150cf816e4ef4bafd9f7a1467fe7952780d46204909ff8f8b509');
INSERT INTO "history" VALUES(5,'2026-11-22T12:00:01.734351+00:00','Ana','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}',4,'','73db614aaa8b150cf816e4ef4bafd9f7a1467fe7952780d46204909ff8f8b509','1d639925acb4fadd0d66599bb456704994b77e38d16ae7e9890c77bfe02afa08');
INSERT INTO "history" VALUES(6,'2026-11-22T12:00:01.742884+00:00','Ana','redo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}',4,'','1d639925acb4fadd0d66599bb456704994b77e38d16ae7e9890c77bfe02afa08','5353e550b61d074b6ff99f835a968b4ec33db0c06f12c92c6322ddc5fe2a913a');
INSERT INTO "history" VALUES(7,'2026-11-22T12:00:01.747464+00:00','Ana','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}',4,'','5353e550b61d074b6ff99f835a968b4ec33db0c06f12c92c6322ddc5fe2a913a','e67ca747b9c51ef2a2dfe4eb2ab17e1cc1525d05e0da5d64d5b16908bdeece2c');
INSERT INTO "history" VALUES(8,'2026-11-22T12:00:01.748843+00:00','Ana','edit','patient_box','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','[0.1,0.2,0.5,0.9]',NULL,'','e67ca747b9c51ef2a2dfe4eb2ab17e1cc1525d05e0da5d64d5b16908bdeece2c','407f2c52deac20bebdc4e221d4b93c4ec926e9c802532688e09099f31a76c976');
INSERT INTO "history" VALUES(9,'2026-11-22T12:00:01.749665+00:00','Bo','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":60,"evidence":[{"end":2,"start":1}],"explanation":"","feature":"tonic","laterality":null,"presence":"yes"}',NULL,'','407f2c52deac20bebdc4e221d4b93c4ec926e9c802532688e09099f31a76c976','1321aed01cdb8ea1e63bc8f642db43345815639b25e75c13afdfb984aa7d10d9');
INSERT INTO "history" VALUES(10,'2026-11-22T12:00:01.750511+00:00','Bo','edit','answer','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"not_assessable"}',NULL,'','1321aed01cdb8ea1e63bc8f642db43345815639b25e75c13afdfb984aa7d10d9','78417a089774a2d64bb0bde872f7e8d231731059d0f5c8a7240106aa00aab0c9');
INSERT INTO "history" VALUES(11,'2026-11-22T12:00:01.759435+00:00','Ana','reading_kept','reading','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["signal","signal","1",{"rules":"a"}]',NULL,'[]','[{"confidence":60,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"},{"confidence":80,"evidence":[{"end":30,"start":13}],"explanation":"","feature":"clonic","laterality":null,"presence":"yes"}]',NULL,'','78417a089774a2d64bb0bde872f7e8d231731059d0f5c8a7240106aa00aab0c9','6a485956c8d6386718fd418a4a50d8c5ae2cb741c8261c3f18d78209c21df212');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('created','2026-11-22T12:00:01.679929+00:00');
INSERT INTO "meta" VALUES('history_hash','6a485956c8d6386718fd418a4a50d8c5ae2cb741c8261c3f18d78209c21df212');
INSERT INTO "meta" VALUES('history_seq','11');
INSERT INTO "meta" VALUES('study_id','ffea5ce663054436b9759d0646355ce1');
CREATE TABLE readers (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        details TEXT NOT NULL
    ) STRICT;
INSERT INTO "readers" VALUES(1,'["person","Ana"]','person','Ana','1','{}');
INSERT INTO "readers" VALUES(2,'["person","Bo"]','person','Bo','1','{}');
INSERT INTO "readers" VALUES(3,'["signal","signal","1",{"rules":"a"}]','signal','signal','1','{"rules":"a"}');
CREATE TABLE readings (
        recording_id INTEGER NOT NULL REFERENCES recordings (id),
        reader_id INTEGER NOT NULL REFERENCES readers (id),
        begun TEXT NOT NULL,
        changed TEXT NOT NULL,
        locked TEXT,
        PRIMARY KEY (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "readings" VALUES(1,1,'2026-11-22T12:00:01.713230+00:00','2026-11-22T12:00:01.747464+00:00',NULL);
INSERT INTO "readings" VALUES(1,2,'2026-11-22T12:00:01.749665+00:00','2026-11-22T12:00:01.749665+00:00',NULL);
INSERT INTO "readings" VALUES(1,3,'2026-11-22T12:00:01.759435+00:00','2026-11-22T12:00:01.759435+00:00',NULL);
INSERT INTO "readings" VALUES(2,2,'2026-11-22T12:00:01.750511+00:00','2026-11-22T12:00:01.750511+00:00',NULL);
CREATE TABLE recordings (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT,
        duration REAL NOT NULL,
        added TEXT NOT NULL,
        patient_box TEXT
    ) STRICT;
INSERT INTO "recordings" VALUES(1,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','clip.mp4','../clip.mp4','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',60.0,'2026-11-22T12:00:01.700327+00:00','[0.1,0.2,0.5,0.9]');
INSERT INTO "recordings" VALUES(2,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','zweite Aufnahme ä.mp4','../sub/zweite Aufnahme ä.mp4',NULL,12.5,'2026-11-22T12:00:01.701669+00:00',NULL);
CREATE INDEX history_of_recording ON history (recording, who, seq);
CREATE TRIGGER history_rows_stay BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER history_rows_keep BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
COMMIT;
