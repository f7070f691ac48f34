"""Block Public Access of the whole account."""

from django.http import QueryDict

from aws.context import Context
from console.forms import AwsForm
from s3 import operations
from s3.forms.permissions import ConfirmedBlocks, block_initial


class AccountBlockForm(ConfirmedBlocks, AwsForm):
    def __init__(self, data: QueryDict | None, *, ctx: Context, blocks: dict[str, bool]) -> None:
        self.ctx = ctx
        super().__init__(data, initial=block_initial(blocks))

    def save(self) -> bool:
        answer = self.submit(
            operations.put_account_public_access_block,
            self.ctx,
            account_id=self.ctx.account_id,
            public_access_block_configuration=self.block_configuration(),
        )
        return answer is not None
