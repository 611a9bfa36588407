"""Teaching: courses with sealed keys, what learners answer, their scores, and which card comes next.

`course.py` and `course_file.py` hold a course, `case_key.py` and `key_sealing.py` its keys, `learner_log.py`
what a learner answers; `key_opening.py` is the one way to a key, and asks for the answer first.
docs/teaching.md says what is protected and what is not.
"""
