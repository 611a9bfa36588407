"""All thresholds of the signal reader with units and reasons.

Lengths are in the patient's own body: shoulder widths (biacromial, some 36 cm in an adult), widths between
the outer eye corners (some 9 cm), never in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold with its unit and the physiological or technical reason for its value."""

    value: float
    unit: str
    reason: str


THRESHOLDS: dict[str, Threshold] = {
    # --- the track -----------------------------------------------------------------------------
    "longest_bridged_gap": Threshold(
        0.3, "s", "shorter than a blink or a jerk's cycle; longer gaps stay gaps"
    ),
    "joint_visibility": Threshold(0.5, "share", "the pose model's own even chance that it saw the joint"),
    "border": Threshold(
        0.01, "of the picture", "within a hundredth of the edge the pose model guesses where a limb goes on"
    ),
    "knee_within": Threshold(
        0.3, "shoulder widths", "11 cm: nearer to the edge the pose model crowds legs that go on beyond it"
    ),
    "same_size": Threshold(
        2.5, "times", "who comes nearer grows by less; a figure beyond it is somebody or something else"
    ),
    "longest_bone": Threshold(
        1.8, "shoulder widths", "upper arm 0.9, thigh 1.25; the rest is for what is near to the camera"
    ),
    "fastest_limb": Threshold(
        15.0, "shoulder widths/s", "5.4 m/s: jerks stay below 4 m/s, a tracker that changes bodies does not"
    ),
    "smallest_body": Threshold(
        20.0, "px/shoulder width", "a pixel of jitter is then 5 %, as much as the smallest shaking"
    ),
    "smallest_face": Threshold(
        16.0, "px/eye-corner width", "an open eye is then 2 px high: lids and lips cannot be read"
    ),
    "same_picture_step": Threshold(
        0.5, "px", "the farthest landmark of a picture that stood still went 0.2 px from frame to frame"
    ),
    "same_picture_seconds": Threshold(
        4.0, "s", "coders repeat the picture of a still room for up to 2.5 s, of a breathing body for 0.6 s"
    ),
    "dark": Threshold(25.0, "luma", "a tenth of the range: mostly the noise of the sensor"),
    "cut_jump": Threshold(0.5, "shoulder widths/frame", "no body moves 18 cm as a whole within one frame"),
    "torso_in_shoulder_widths": Threshold(1.45, "ratio", "shoulder-hip over shoulder-shoulder in adults"),
    "camera_motion": Threshold(
        0.015, "shoulder widths", "below half a centimetre the camera counts as still"
    ),
    "walk_seconds": Threshold(3.0, "s", "some steps"),
    "walk_distance": Threshold(
        1.0, "shoulder widths", "36 cm in that time: nobody shakes, sits or lies in one place then"
    ),
    "camera_share": Threshold(
        0.35, "share", "a rigid shift leaves the joints' differences alone; a body does not"
    ),
    "largest_noise": Threshold(0.06, "shoulder widths", "landmark jitter of a person who is seen at all"),
    "noise_judged": Threshold(
        0.04, "shoulder widths", "a joint that trembles by 14 mm at rest tells nothing of small shaking"
    ),
    "share_seen": Threshold(
        0.25, "share", "less than a quarter of the recording says little about the event"
    ),
    "share_for_no": Threshold(
        0.5, "share", "to say no, the part has to be watched for most of the recording"
    ),
    "seconds_seen": Threshold(3.0, "s", "the shortest stretch in which a pattern can show itself"),
    "seconds_brief": Threshold(1.0, "s", "long enough to see that eyes are open or an arm rests"),
    "hand_down": Threshold(
        0.9, "shoulder widths", "32 cm below the shoulder: an arm that hangs or lies, neither bent nor raised"
    ),
    "brief_way": Threshold(0.5, "s", "the way of a hand that comes up or goes down"),
    "brief_end": Threshold(0.15, "s", "a few pictures in which the hand is down"),
    # --- limbs ---------------------------------------------------------------------------------
    "moving_speed": Threshold(0.35, "shoulder widths/s", "12 cm/s: slower is posture and breathing"),
    "quiet_before_onset": Threshold(0.7, "s", "an onset needs stillness before it"),
    "held_angle_speed": Threshold(
        22.0, "degrees/s", "a held joint: slower than any voluntary reach (> 50 degrees/s)"
    ),
    "held_hand_speed": Threshold(
        0.6, "shoulder widths/s", "22 cm/s after tremor is smoothed away: a loosely held arm sways"
    ),
    "shortest_hold": Threshold(1.5, "s", "a posture; shorter is part of a movement"),
    "unrest_in_hold": Threshold(0.6, "s", "a tremble or a jump of the landmarks within a posture"),
    "hand_at_face": Threshold(
        0.45, "shoulder widths", "16 cm: a hand at ear, mouth or chin (phone, food, wiping)"
    ),
    "elbow_flexed": Threshold(90.0, "degrees", "a right angle or more; a resting elbow stays at 100-160"),
    "elbow_straight": Threshold(155.0, "degrees", "full extension within the error of a 2-D angle"),
    "posture_change": Threshold(20.0, "degrees", "beyond shifting at rest"),
    "posture_seconds": Threshold(2.5, "s", "the table's 'held'; a reach or a sip ends sooner"),
    "onset_brisk": Threshold(0.6, "shoulder widths/s", "22 cm/s: moved there actively, not sunk there"),
    "raised": Threshold(0.25, "shoulder widths", "9 cm above where the hand rests, raised actively"),
    "middle_raised": Threshold(0.12, "shoulder widths", "4 cm: the upper arm stands off the body"),
    "gaze_lowered": Threshold(0.04, "eye widths", "the iris a good millimetre down: looking at the hands"),
    "head_lowered": Threshold(5.0, "degrees", "reading posture"),
    "hands_at_one_thing": Threshold(
        0.8, "shoulder widths", "29 cm between the wrists: book, cup, telephone, clapping"
    ),
    "action_seconds": Threshold(2.0, "s", "within two seconds a reach of both hands arrives at its target"),
    "starts_a_minute": Threshold(
        4.0, "starts/min", "more often both arms start together in people who use both hands"
    ),
    "figure4_seconds": Threshold(2.0, "s", "sustained together a few seconds"),
    "tonic_seconds": Threshold(5.0, "s", "tonic phases last 5-20 s"),
    "tonic_sway": Threshold(0.1, "shoulder widths", "3.5 cm: an arm held without stiffness swings more"),
    "tonic_travel": Threshold(0.3, "shoulder widths", "11 cm: hand or foot went into the posture"),
    "simultaneous_onsets": Threshold(0.5, "s", "the table's 'about the same moment'"),
    "onset_speed": Threshold(0.5, "shoulder widths/s", "18 cm/s: a movement of the arm, no shift at rest"),
    # --- rhythms -------------------------------------------------------------------------------
    "envelope_edge": Threshold(0.45, "share", "where a burst has fallen below half of its size, it is over"),
    "rhythm_amplitude": Threshold(
        0.08, "shoulder widths", "3 cm peak to peak: visible jerks; physiological tremor is < 5 mm"
    ),
    "rhythm_over_noise": Threshold(3.0, "times", "the jitter of the landmarks stays below a third of it"),
    "clonic_lowest": Threshold(0.8, "Hz", "clonic jerking: 0.5-5 Hz; a window of 3 s resolves 0.8 Hz"),
    "clonic_highest": Threshold(5.0, "Hz", "clonic jerking: 0.5-5 Hz; faster is shaking or tremor"),
    "clonic_regularity": Threshold(
        0.6, "correlation", "each jerk repeats the one before; voluntary gestures reach 0.5"
    ),
    "leg_regularity": Threshold(
        0.7, "correlation", "legs are carried along by much; their own jerks repeat themselves closely"
    ),
    "slow_jerks": Threshold(
        1.25, "Hz", "at this rate and below gestures repeat themselves as abruptly as jerks"
    ),
    "slow_jerk_largest": Threshold(
        0.45, "shoulder widths", "16 cm: a hand that goes farther at so slow a rate may gesture"
    ),
    "clonic_concentration": Threshold(0.6, "share", "power at one rate and its multiples"),
    "clonic_cycles": Threshold(5.0, "cycles", "several cycles; fewer is a gesture"),
    "clonic_seconds": Threshold(3.5, "s", "long enough to see that it goes on regularly"),
    "burst_share": Threshold(
        0.5, "share", "jerks and actions go on; others look like them for a moment or two"
    ),
    "jerk_speed": Threshold(
        1.0, "shoulder widths/s", "36 cm/s: jerks of an arm are abrupt, hand actions are not"
    ),
    "jerk_abruptness": Threshold(
        0.3, "skewness", "a quick pull and a slower release; a voluntary swing is even"
    ),
    "fast_regularity": Threshold(
        0.75, "correlation", "fast jerks whose release is hard to see repeat each other; shaking is uneven"
    ),
    "automatism_amplitude": Threshold(
        0.06, "shoulder widths", "2 cm: fumbling fingers carry the wrist along"
    ),
    "automatism_largest": Threshold(
        0.45, "shoulder widths", "16 cm: a hand that rubs the thigh; larger moves the arm"
    ),
    "automatism_lowest": Threshold(0.9, "Hz", "repeated: more than one action in two seconds"),
    "automatism_highest": Threshold(2.5, "Hz", "hand actions; faster is clonic or tremor"),
    "automatism_seconds": Threshold(
        6.0, "s", "fidgeting changes within some seconds; automatisms last 10-60 s"
    ),
    "talking_share": Threshold(0.3, "share", "a window of 3 s with a second of speech in it"),
    "automatism_concentration": Threshold(0.45, "share", "one action repeated, not many different ones"),
    "automatism_apart": Threshold(4.0, "s", "actions that go on so long apart from jerks are not their end"),
    "clonic_near": Threshold(2.0, "s", "the end of clonic jerking slows down into the rate of hand actions"),
    "steady": Threshold(0.35, "share", "a rhythm goes on; a step or a reach is over within a third"),
    "shaking_amplitude": Threshold(
        0.045, "shoulder widths", "16 mm of both hands at once; fast shaking is small"
    ),
    "asynchronous_amplitude": Threshold(
        0.24, "shoulder widths", "9 cm: limbs that shake, not hands that fumble"
    ),
    "asynchronous_leg_amplitude": Threshold(0.12, "shoulder widths", "4 cm: legs that shake by themselves"),
    "leg_amplitude": Threshold(0.035, "shoulder widths", "1 cm: legs are heavy and lie on the bed"),
    "in_step": Threshold(
        0.5, "correlation", "limbs driven together share at least half of their variance's root"
    ),
    "unrelated": Threshold(0.3, "correlation", "limbs of the same rate but without a fixed relation"),
    "rates_differ": Threshold(0.4, "Hz", "twice the resolution of a 4 s window"),
    "shaking_seconds": Threshold(3.0, "s", "several seconds"),
    "trunk_amplitude": Threshold(0.007, "shoulder widths", "3 mm at the limbs' own rate: carried along"),
    "pelvic_amplitude": Threshold(0.08, "shoulder widths", "3 cm of the hips against the shoulders"),
    "pelvic_regularity": Threshold(0.6, "correlation", "rhythmic: shifting in bed is not"),
    "pelvic_highest": Threshold(3.5, "Hz", "thrusts of the whole pelvis; faster is shaking"),
    # --- head ----------------------------------------------------------------------------------
    "nose_length": Threshold(0.5, "eye-corner widths", "the nose's tip before the eye corners: 4.5 of 9 cm"),
    "nose_before_ears": Threshold(1.3, "half ear distances", "the nose's tip before the line of the ears"),
    "shoulders_turned": Threshold(25.0, "degrees", "shoulder width is too coarse below that"),
    "head_turn_edge": Threshold(20.0, "degrees", "where a turn begins and ends"),
    "head_turn_angle": Threshold(
        27.0, "degrees", "versive turning; a glance is mostly eyes and rarely so far for long"
    ),
    "gaze_wanders": Threshold(0.35, "eye widths", "10 mm of the iris: the eyes go from one thing to another"),
    "before_turn": Threshold(1.5, "s", "the head is seen before it turns, so that the turn itself is seen"),
    "share_for_begin": Threshold(0.8, "share", "a blink of the detector does not hide where a turn began"),
    "head_turn_seconds": Threshold(3.0, "s", "sustained; looking at somebody rarely holds the end position"),
    "head_turn_wobble": Threshold(8.0, "degrees", "stiff: it stays where it is"),
    "head_turn_dragged": Threshold(
        90.0,
        "degrees/s",
        "a free look of 40 degrees takes 0.5-0.8 s, 95-150 degrees/s; a forced one is dragged",
    ),
    "companion_seconds": Threshold(10.0, "s", "signs of one seizure follow each other within seconds"),
    "head_turns_most": Threshold(
        2.0, "turns", "a patient turns once or twice; who turns more often looks around"
    ),
    "talking_in_look": Threshold(
        0.3, "share", "who turns to somebody talks for most of it; a forced turn may hold a reply"
    ),
    # --- eyes ----------------------------------------------------------------------------------
    "eyes_seen_within": Threshold(
        50.0, "degrees", "beyond it the nose hides one eye and the other is seen from its corner"
    ),
    "hand_before_eyes": Threshold(
        0.35, "shoulder widths", "12 cm from wrist or fingers to the eye: the palm covers it"
    ),
    "eye_open_least": Threshold(
        0.18, "height/width", "lids of an open eye; below it eyes are closed throughout"
    ),
    "lid_shut": Threshold(
        0.55, "of open", "lids over the pupil (PERCLOS uses 0.2-0.3 of open; meshes smooth)"
    ),
    "lid_shut_trembling": Threshold(
        0.64, "of open", "in a dim, noisy picture the mesh draws closed lids apart"
    ),
    "lids_lowered": Threshold(0.35, "of open", "lids of a gaze at the hands; shut ones are below"),
    "blink_depth": Threshold(
        0.7, "of open", "a mesh that follows a 0.2 s blink is smoothed to part of its depth"
    ),
    "blink_opens": Threshold(0.6, "of open", "between blinks the eye opens to most of its usual width"),
    "longest_blink": Threshold(0.6, "s", "blinks last 0.1-0.4 s"),
    "blink_rate": Threshold(1.0, "Hz", "the table's 1 Hz; ordinary blinking is 0.2-0.5 Hz"),
    "blink_seconds": Threshold(3.0, "s", "for a few seconds"),
    "blinks_in_run": Threshold(5.0, "blinks", "two double blinks in a row are ordinary"),
    "blinks_over_usual": Threshold(2.5, "times", "a change against this person's own blinking"),
    "closed_share": Threshold(0.5, "share", "most of the event"),
    "closed_seconds": Threshold(4.0, "s", "longer than any blink or wince"),
    "stare_seconds": Threshold(6.0, "s", "a blink is due every 3-5 s; suppressed blinking is longer"),
    "stare_blinks_due": Threshold(1.5, "blinks", "longer without a blink than this person usually is"),
    "stare_usual_blinks": Threshold(
        20.0, "blinks", "of a minute; among more of them a longer pause comes by chance"
    ),
    "stare_rest": Threshold(10.0, "s", "the rest of the recording tells a usual rate of blinking"),
    "stare_gaze": Threshold(0.05, "eye widths", "1.5 mm of the iris: a fixed gaze, above the mesh's jitter"),
    "gaze_tremble": Threshold(
        0.003,
        "eye widths",
        "0.1 mm: a clear picture's irises tremble by half of it, those of a dim one by more",
    ),
    "gaze_rests": Threshold(0.4, "s", "looking from thing to thing, a gaze rests for 0.2-0.4 s or longer"),
    "stare_lids": Threshold(
        0.25, "share", "raised brows open the lids by a third; the mesh's jitter is a tenth"
    ),
    "smile": Threshold(0.08, "eye widths", "7 mm of both mouth corners: more than chewing draws them out"),
    "stare_head": Threshold(4.0, "degrees", "head does not follow anybody"),
    "face_judged_within": Threshold(
        25.0, "degrees", "beyond it the far side of a face is guessed by the mesh"
    ),
    "face_jitter": Threshold(
        0.006, "eye-corner widths", "half a millimetre from frame to frame: above it the face is smoothed"
    ),
    "blinks_seen_from": Threshold(10.0, "Hz", "a blink lasts 0.1-0.4 s and needs two pictures of it"),
    "head_still": Threshold(
        0.25, "eye-corner widths/s", "2 cm/s for a second: breathing moves a sleeping head by less than 1 cm"
    ),
    "trunk_still": Threshold(
        0.15, "shoulder widths/s", "5 cm/s: breathing lifts the shoulders by 1 cm in 2 s"
    ),
    "sleep_seconds": Threshold(4.0, "s", "eyes closed and still from the start, longer than a blink"),
    # --- mouth ---------------------------------------------------------------------------------
    "chewing_amplitude": Threshold(0.03, "eye-corner widths", "3 mm at lips or chin"),
    "chewing_lowest": Threshold(0.75, "Hz", "chewing and smacking: 0.7-2.5 Hz"),
    "chewing_highest": Threshold(2.8, "Hz", "syllables come at 3-6 Hz"),
    "chewing_regularity": Threshold(0.6, "correlation", "stereotyped; talking is irregular"),
    "chewing_seconds": Threshold(6.0, "s", "eating pauses every few seconds to swallow; automatisms go on"),
    "chewing_voiced": Threshold(0.25, "share", "a mouth that moves while a voice sounds is talking"),
    "bite_seconds": Threshold(5.0, "s", "a bite is chewed for some seconds after the hand left the mouth"),
    "pull_size": Threshold(0.03, "eye-corner widths", "3 mm more on one side, held"),
    "pull_over_noise": Threshold(2.5, "times", "beyond the usual spread of the two sides' difference"),
    "pull_seconds": Threshold(2.5, "s", "few seconds; a crooked smile while talking is shorter"),
    "pull_other_side": Threshold(0.5, "share", "a smile draws the other side at least half as far"),
    "twitch_size": Threshold(0.038, "eye-corner widths", "3-4 mm jerks of one side against the other"),
    "twitch_lowest": Threshold(
        1.4, "Hz", "jerks of the face come at 1.5-5 Hz; slower differences come with turning"
    ),
    "twitch_highest": Threshold(5.0, "Hz", "faster than jerks of the face: a mesh that trembles"),
    "twitch_over_noise": Threshold(
        1.7, "times", "regular jerks stand out of an irregular tremble of the mesh"
    ),
    "twitch_doubt": Threshold(1.4, "times", "tremble alone is now and then as regular as jerks up to here"),
    "face_noise_most": Threshold(
        0.06, "eye-corner widths", "a face that trembles more than this is hardly seen"
    ),
    "face_noise_judged": Threshold(
        0.05, "eye-corner widths", "5 mm of tremble from window to window: twitches drown"
    ),
    "twitch_regularity": Threshold(0.4, "correlation", "repeated and alike"),
    "twitch_seconds": Threshold(2.0, "s", "repeated"),
    # --- sound ---------------------------------------------------------------------------------
    "voice_over_room": Threshold(8.0, "dB", "clearly above the room's own noise"),
    "pitch_lowest": Threshold(65.0, "Hz", "lowest speaking and groaning voices"),
    "pitch_highest": Threshold(600.0, "Hz", "cries; higher is equipment"),
    "voiced_harmonicity": Threshold(0.55, "correlation", "periodic sound of the vocal folds"),
    "lone_tone": Threshold(
        0.97, "share", "a beep is one line; a cry's strongest harmonic leaves a tenth to the others"
    ),
    "voice_wavers": Threshold(0.05, "semitones", "no voice holds its pitch within 0.3 %"),
    "pause_in_utterance": Threshold(0.35, "s", "pauses between syllables and words"),
    "same_sound": Threshold(5.5, "dB", "spectra a tenth of a second apart: one vowel held"),
    "vocal_seconds": Threshold(0.9, "s", "vowels in speech last 0.05-0.35 s; a groan is longer"),
    "vocal_syllable_rate": Threshold(1.7, "Hz", "speech has 3-6 syllables a second"),
    "vocal_in_speech": Threshold(
        1.0, "s", "a drawn-out vowel within a second of the speaker's words is deliberate"
    ),
    "note_held": Threshold(0.4, "s", "a note stays; the harmonics of speech glide within a syllable"),
    "line_over_floor": Threshold(10.0, "dB", "a line that stands out of its surroundings"),
    "music_share": Threshold(
        0.1, "share", "speech, groans and cries have below 0.05 of such lines, music a quarter and more"
    ),
    "music_around": Threshold(4.0, "s", "some notes or bars"),
    "seconds_of_music": Threshold(
        2.0, "s", "a programme or a song is on, whose sounds are not the patient's"
    ),
    "melody_notes": Threshold(3.0, "notes", "a groan has one or two pitches; a tune steps through several"),
    "melody_step": Threshold(
        1.5, "semitones", "between two notes of a tune; one groan's own course stays within it"
    ),
    "mouth_opens": Threshold(0.02, "eye-corner widths", "2 mm: lips part for a cry or a groan"),
    "speech_rate": Threshold(1.5, "Hz", "words come at 3-6 syllables a second, halting ones at half of it"),
    "speaker_share": Threshold(0.6, "share", "the patient's utterances all move the mouth about as much"),
    "mouth_rests": Threshold(
        0.012, "eye-corner widths", "a mouth that does not speak moves by its landmarks' jitter"
    ),
    "mouth_over_rest": Threshold(1.6, "times", "the mouth moves more than while nobody speaks"),
    "mouth_talks": Threshold(
        0.02, "eye-corner widths", "2 mm of lips and chin at the rate of syllables: more than a mesh's jitter"
    ),
    "syllables_in_movement": Threshold(0.6, "share", "most of the movement is faster than chewing (2.2 Hz)"),
    "mouth_with_reply": Threshold(
        1.2, "times", "a trembling mesh moves alike in speech and silence; lips that talk move more"
    ),
    "syllables_seen_from": Threshold(10.0, "Hz", "syllables come at 3-6 Hz and need two pictures each"),
    "syllables_speech": Threshold(3.0, "syllables", "an utterance with a structure"),
    "syllable_variety": Threshold(4.5, "dB", "neighbouring syllables differ"),
    "reply_seconds": Threshold(3.0, "s", "answers come within a second or two"),
    "question_rises": Threshold(
        1.0, "semitones", "the voice ends higher than it was: a question that asks for an answer"
    ),
    "speakers_apart": Threshold(
        4.0, "semitones", "one voice's own intonation spans 2-3; the timbre counts as well"
    ),
    "timbres_apart": Threshold(
        4.5, "dB", "two utterances of one voice differ by 3 dB in the median, other voices by 4-7"
    ),
    "least_of_voice": Threshold(1.0, "s", "less is hardly distinguished from a word of another voice"),
    "surely_another": Threshold(
        1.5, "times", "so far beyond pitch and timbre of a voice even a single word is somebody else's"
    ),
    "away_from_speech": Threshold(1.0, "s", "lips close and open before and after words"),
    "turn_pause": Threshold(
        1.5, "s", "a speaker's own pauses are shorter; longer ones leave room for others"
    ),
    "question_seconds": Threshold(6.0, "s", "who asks is brief; who speaks for longer tells"),
}


def limit(name: str) -> float:
    """The value of one threshold. Raises KeyError for an unknown name."""
    return THRESHOLDS[name].value
