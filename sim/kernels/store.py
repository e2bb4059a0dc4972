"""All households of a model in one block of memory with room at the end, so that a year's newcomers cost no copy."""

import numpy as np

from sim.kernels import layout
from sim.kernels.chunks import in_parts, over_columns
from sim.kernels.compiling import compiled

YEARLY_ROOM = 0.04  # of the first rows kept free for each year to come; untouched memory costs nothing


class Store:
    """The columns of a `State`, longer than its rows.

    Parameters
    ----------
    rows
        How many empty households to begin with.
    years
        Years to come, for which room is kept.
    """

    def __init__(self, rows, years=0):
        self._columns = layout.empty(int(rows * (1 + YEARLY_ROOM * years)) + 1024)
        self.state = self._view(rows)

    @classmethod
    def of(cls, columns, years=0):
        """A store that holds copies of the columns of a state.

        Parameters
        ----------
        columns
            A list that is emptied on the way, so that where nobody else holds them, a column is let go as soon as it
            is copied.
        years
            Years to come, for which room is kept.
        """
        store = cls(len(columns[0]), years)
        _copied(columns, store._columns)
        return store

    def renew(self, state, newcomers):
        """Drop the rows of households that are gone, append newcomers (a list of states), both in order.

        Parameters
        ----------
        state
            The state as it is now, from this store; one from elsewhere is copied into it first.
        newcomers
            States.

        Returns
        -------
        state
            All households.
        int
            Rows that were there before.
        """
        if state.uid.base is not self._columns.uid:
            self._columns = _copied(list(state), layout.empty(len(state.uid)))
            state = self._view(len(state.uid))
        gone = np.concatenate(in_parts(empty_rows, state))
        if len(gone):
            close_gaps(state, gone)
        kept = len(state.uid) - len(gone)
        rows = kept + sum(len(fresh.uid) for fresh in newcomers)
        if rows > len(self._columns.uid):
            self._columns = _copied(list(self._view(kept)), layout.empty(rows + rows // 16))
        self.state = self._view(rows)
        first = kept
        for fresh in newcomers:
            for column, new in zip(self.state, fresh, strict=True):
                column[first : first + len(new)] = new
            first += len(fresh.uid)
        return self.state, kept

    def _view(self, rows):
        return layout.State(*(column[:rows] for column in self._columns))


def _copied(columns, into):
    """Copy a list of columns, emptied on the way, to the beginning of those of a state, which is returned."""
    for column in into:
        given = columns.pop(0)
        column[: len(given)] = given
    return into


@compiled(nogil=True)
def empty_rows(state, first, last):
    """Rows from `first` to `last` of households without members, in order."""
    out, member_bits = [np.int64(0)], state.member_bits
    for row in range(first, last):
        if layout.relation_of(member_bits[row, 0]) == layout.NOBODY:
            out.append(row)
    return np.array(out)[1:]


def close_gaps(state, gone):
    """Move the rows behind those that are gone (at least one, in order) down into the gaps."""
    over_columns(lambda column: _close(column.reshape(-1), column.size // len(column), gone), state)


@compiled(nogil=True)
def _close(numbers, width, gone):
    """Run by run of rows that stay, `width` numbers each; a run shorter than its way is copied by vectors."""
    into = gone[0] * width
    for k in range(gone.shape[0]):
        first = (gone[k] + 1) * width
        last = gone[k + 1] * width if k + 1 < gone.shape[0] else numbers.shape[0]
        here, there = numbers[first:last], numbers[into : into + last - first]
        for i in range(here.shape[0]):
            there[i] = here[i]
        into += last - first
