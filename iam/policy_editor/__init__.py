"""The visual policy editor: blocks drawn from a policy's text, and changes written back into it.

The text is the truth. `blocks` reads it, `commands` turns what a person did in a block into a new
text, and `json_text` changes no more of it than that. Pure functions; no account, no request.
"""
