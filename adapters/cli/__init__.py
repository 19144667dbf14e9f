"""The command line: words for operators, auditors and scripts (design section 7).

`main` holds the words and how a call ends, `exits` the exit codes and what leads to each, `options` the options that
words share, `output` what is printed and where. Every other module is one word of the command line by its subject.
Nothing that `--help` needs imports a database: a word imports what it works with when it runs.
"""
