"""What luohu says, in English where it is written and in Chinese by a catalogue when it is shown.

The English sentence stands in the code, with named places for its values, and is the key of the catalogue `zh.po`.
A message is an English text like any other; only what shows it to a person asks for it in a language.
"""

from sim.messages.catalogue import Lang, language, speak
from sim.messages.message import Message, clause, either, joined, retold, say, spoken

__all__ = ["Lang", "Message", "clause", "either", "joined", "language", "retold", "say", "speak", "spoken"]
