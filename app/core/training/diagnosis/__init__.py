"""From the 20 answers to epileptic or functional: judged on unseen patients, for one kind of reader."""
