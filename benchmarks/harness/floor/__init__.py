"""The floor: what bare Django needs, on the same tables, for a list, a page and an insert.

The portal's figures are ratios to these, measured in the same minute on the same machine.
"""
